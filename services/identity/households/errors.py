"""Why something about households is refused.

```
NotFoundError
└── HouseholdNotFoundError      identity.household_not_found
ConflictError
└── HouseholdMovedOutError      identity.household_moved_out
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class HouseholdNotFoundError(NotFoundError):
    code = "identity.household_not_found"
    title = "没有这一户"
    detail = "没有找到这一户，可能编号不对，或不属于本社区。"


class HouseholdMovedOutError(ConflictError):
    code = "identity.household_moved_out"
    title = "这一户已迁出"
    detail = "这一户已经整户迁出，不能再办理成员变动。"
