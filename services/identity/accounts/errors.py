"""What can go wrong with an account.

```
DomainError
├── AccountNotFoundError                                                          (not_found)
└── AccountSuspendedError         closed by the community                         (forbidden)
```
"""

from shared.kernel.errors import ForbiddenError, NotFoundError


class AccountNotFoundError(NotFoundError):
    code = "identity.account_not_found"
    title = "没有这个账号"
    detail = "没有找到这个账号，可能已被注销或不属于本社区。"


class AccountSuspendedError(ForbiddenError):
    code = "identity.account_suspended"
    title = "账号已停用"
    detail = "这个账号已停用，请联系社区管理员。"
