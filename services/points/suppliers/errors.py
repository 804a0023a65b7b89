"""Refusals of suppliers.

```
DomainError
├── NotFoundError
│   └── SupplierNotFoundError
└── ConflictError
    └── SupplierNameTakenError
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class SupplierNotFoundError(NotFoundError):
    code = "points.supplier_not_found"
    title = "没有这家供货方"
    detail = "没有找到这家供货方，请先登记。"


class SupplierNameTakenError(ConflictError):
    code = "points.supplier_name_taken"
    title = "供货方已登记"
    detail = "这家供货方已经登记过了，请直接选用。"
