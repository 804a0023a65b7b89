"""Refusals of the store.

```
DomainError
├── NotFoundError
│   └── ProductNotFoundError
└── ConflictError
    └── ProductCodeTakenError
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class ProductNotFoundError(NotFoundError):
    code = "points.product_not_found"
    title = "没有这件商品"
    detail = "没有找到这件商品，可能已经下架。"


class ProductCodeTakenError(ConflictError):
    code = "points.product_code_taken"
    title = "货号已被使用"
    detail = "这个货号已经用在另一件商品上，请换一个货号。"
