"""What can go wrong with granting a role.

```
DomainError
├── RoleScopeError            this role cannot have such a scope, fact `allowed`    (invalid)
├── RolePlaceUnknownError     there is no such grid or building in use              (not_found)
├── RolePeriodError           it would end before it begins                         (invalid)
├── RoleNotGrantableError     the caller may not grant this role, or not to himself (forbidden)
├── SeparationOfDutiesError   it may not be joined with a role already held, facts `held`, `asked` (conflict)
├── RoleHeldError             the same role over the same scope is held already     (conflict)
├── TotpRequiredError         a resident's account has no authenticator, fact `role` (conflict)
└── RoleGrantNotFoundError                                                          (not_found)
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class RoleScopeError(InvalidError):
    code = "identity.role_scope"
    title = "职务范围不对"
    detail = "这个职务的管理范围不能这样填，请按提示选择。"


class RolePlaceUnknownError(NotFoundError):
    code = "identity.role_place_unknown"
    title = "没有这个网格或楼栋"
    detail = "没有找到这个网格或楼栋，可能已撤销，或不属于本社区。"


class RolePeriodError(InvalidError):
    code = "identity.role_period"
    title = "任期不对"
    detail = "任期的结束日期不能早于开始日期。"


class RoleNotGrantableError(ForbiddenError):
    code = "identity.role_not_grantable"
    title = "不能授予这个职务"
    detail = "您不能授予或撤销这个职务；自己的职务也要由别人来办理。"


class SeparationOfDutiesError(ConflictError):
    code = "identity.separation_of_duties"
    title = "两个职务不能由同一个人担任"
    detail = "{reason}；请先撤销原来的职务，或换一个人担任。"


class RoleHeldError(ConflictError):
    code = "identity.role_held"
    title = "已经担任这个职务"
    detail = "这个人在这个范围里已经担任这个职务。"


class TotpRequiredError(ConflictError):
    code = "identity.totp_required"
    title = "要用工作账号担任"
    detail = (
        "这个职务经手积分、钱款或选票，登录要用动态验证码，微信账号没有；请先给他开一个工作账号，再把职务给那个账号。"
    )


class RoleGrantNotFoundError(NotFoundError):
    code = "identity.role_grant_not_found"
    title = "没有这条任职记录"
    detail = "没有找到这条任职记录，可能已经撤销。"
