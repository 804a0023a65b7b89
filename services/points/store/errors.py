"""Refusals of the store.

```
DomainError
├── NotFoundError
│   └── ProductNotFoundError
├── ConflictError
│   └── ProductCodeTakenError
└── InvalidError
    └── CashWithInstallationError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class ProductNotFoundError(NotFoundError):
    code = "points.product_not_found"
    title = "没有这件商品"
    detail = "没有找到这件商品，可能已经下架。"


class ProductCodeTakenError(ConflictError):
    code = "points.product_code_taken"
    title = "货号已被使用"
    detail = "这个货号已经用在另一件商品上，请换一个货号。"


class CashWithInstallationError(InvalidError):
    code = "points.cash_with_installation"
    title = "安装商品不收现金"
    detail = "由物业上门安装的商品，没有人在柜台收现金；请把现金部分改成 0，或换一种商品类型。"
