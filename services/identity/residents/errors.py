"""Why something about residents is refused.

```
NotFoundError
└── ResidentNotFoundError       identity.resident_not_found
ConflictError
├── IdentityNumberTakenError    identity.identity_number_taken
└── SecondHouseholderError      identity.second_householder
```
"""

from collections.abc import Mapping

from shared.kernel.errors import ConflictError, DomainError, NotFoundError


class ResidentNotFoundError(NotFoundError):
    code = "identity.resident_not_found"
    title = "没有这位居民"
    detail = "没有找到这位居民，可能已迁出，或不属于本社区。"


class IdentityNumberTakenError(ConflictError):
    code = "identity.identity_number_taken"
    title = "身份证号已登记"
    detail = "这个身份证号已经登记在本社区的另一位居民名下，请核对。"


class SecondHouseholderError(ConflictError):
    code = "identity.second_householder"
    title = "已有户主"
    detail = "这一户已经有户主；请先把原户主改为其他关系。"


CONSTRAINTS: Mapping[str, type[DomainError]] = {
    "uq_resident_identity": IdentityNumberTakenError,
    "uq_resident_householder": SecondHouseholderError,
}
"""What a violated constraint means."""
