"""Refusals of the domain: what went wrong, of what kind, and the facts that prove it.

```
DomainError
├── InvalidError           the request contradicts itself or a rule of form        (kind invalid)
├── UnauthenticatedError   nobody is signed in, or the token is no good            (kind unauthenticated)
├── ForbiddenError         signed in, but not the one who may do this              (kind forbidden)
├── NotFoundError          no such thing in this community                         (kind not_found)
├── ConflictError          the state of things does not allow it                   (kind conflict)
├── GoneError              it was there and has ended                              (kind gone)
├── PreconditionError      somebody changed it meanwhile                           (kind precondition)
├── TooManyError           a limit is used up; later it works again                (kind too_many)
└── UnavailableError       a part of the system is down or busy; try again         (kind unavailable)
```

A slice subclasses these, sets `code` (`points.insufficient_balance`), `title` and `detail`. `detail` is plain Chinese that says
what to do; `{facts}` are filled in from the keyword arguments. Nothing here knows HTTP.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

Fact = str | int | bool | None | list[str]


class Kind(StrEnum):
    """What sort of refusal it is; one table elsewhere turns it into a status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    PRECONDITION = "precondition"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class DomainError(Exception):
    """A refusal with a stable code, a kind and facts.

    Subclasses set the class attributes; a caller gives the facts that `detail` names.
    """

    code: ClassVar[str]
    kind: ClassVar[Kind]
    title: ClassVar[str]
    detail: ClassVar[str]

    def __init__(self, **facts: Fact) -> None:
        self.facts: Mapping[str, Fact] = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The Chinese sentence for people, facts filled in."""
        return self.detail.format_map(_Missing(self.facts))


class _Missing(dict[str, Fact]):
    """Leaves an unknown `{fact}` visible instead of failing while a refusal is being told."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class InvalidError(DomainError):
    code = "invalid"
    kind = Kind.INVALID
    title = "填写的内容不对"
    detail = "填写的内容不符合要求，请检查后再提交。"


class UnauthenticatedError(DomainError):
    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED
    title = "请先登录"
    detail = "登录已过期或还没有登录，请重新登录。"


class ForbiddenError(DomainError):
    code = "forbidden"
    kind = Kind.FORBIDDEN
    title = "没有权限"
    detail = "您没有办理这件事的权限；如有需要，请联系社区管理员。"


class NotFoundError(DomainError):
    code = "not_found"
    kind = Kind.NOT_FOUND
    title = "没有找到"
    detail = "没有找到这条记录，可能已被删除或不属于本社区。"


class ConflictError(DomainError):
    code = "conflict"
    kind = Kind.CONFLICT
    title = "现在不能这样做"
    detail = "当前状态不允许这样做，请刷新后再看。"


class GoneError(DomainError):
    code = "gone"
    kind = Kind.GONE
    title = "已经结束"
    detail = "这件事已经结束，不能再办理。"


class PreconditionError(DomainError):
    code = "precondition_failed"
    kind = Kind.PRECONDITION
    title = "内容已被别人改动"
    detail = "您打开之后内容已被别人改动，请刷新后再改。"


class TooManyError(DomainError):
    code = "too_many"
    kind = Kind.TOO_MANY
    title = "操作太频繁"
    detail = "操作太频繁，请稍后再试。"


class UnavailableError(DomainError):
    code = "unavailable"
    kind = Kind.UNAVAILABLE
    title = "系统正忙"
    detail = "系统正忙，请过几秒再试；您刚才的操作没有生效。"
