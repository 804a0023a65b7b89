"""Refusals of fee waivers.

```
DomainError
└── NotFoundError
    └── WaiverNotFoundError
```
"""

from shared.kernel.errors import NotFoundError


class WaiverNotFoundError(NotFoundError):
    code = "property.waiver_not_found"
    title = "没有这项减免"
    detail = "没有找到这项物业费减免。"
