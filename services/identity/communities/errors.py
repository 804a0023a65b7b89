"""Why something about communities is refused.

```
NotFoundError
└── CommunityNotFoundError   identity.community_not_found
ConflictError
├── CommunityCodeTakenError  identity.community_code_taken
└── SettingsOutdatedError    identity.settings_outdated
```
"""

from collections.abc import Mapping

from shared.kernel.errors import ConflictError, DomainError, NotFoundError


class CommunityNotFoundError(NotFoundError):
    code = "identity.community_not_found"
    title = "没有这个社区"
    detail = "没有找到这个社区，请检查编号。"


class CommunityCodeTakenError(ConflictError):
    code = "identity.community_code_taken"
    title = "社区编号已被使用"
    detail = "这个编号已经有社区在用，请换一个编号。"


class SettingsOutdatedError(ConflictError):
    code = "identity.settings_outdated"
    title = "设置已被改动"
    detail = "别人刚刚改过这些设置，请刷新后再改。"


CONSTRAINTS: Mapping[str, type[DomainError]] = {
    "uq_community_code": CommunityCodeTakenError,
    "pk_community_settings": SettingsOutdatedError,
}
"""What a violated constraint means."""
