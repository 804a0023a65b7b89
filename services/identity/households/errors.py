"""Why something about households is refused.

```
NotFoundError
└── HouseholdNotFoundError      identity.household_not_found
```
"""

from shared.kernel.errors import NotFoundError


class HouseholdNotFoundError(NotFoundError):
    code = "identity.household_not_found"
    title = "没有这一户"
    detail = "没有找到这一户，可能编号不对，或不属于本社区。"
