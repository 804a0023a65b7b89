"""Refusals of baskets.

```
DomainError
├── NotFoundError
│   └── BasketNotFoundError
└── InvalidError
    ├── BasketTooLargeError
    └── BasketRepeatsProductError
```
"""

from shared.kernel.errors import InvalidError, NotFoundError


class BasketNotFoundError(NotFoundError):
    code = "points.basket_not_found"
    title = "没有这个购物篮"
    detail = "没有找到这个购物篮；单件兑换的商品请单独核销。"


class BasketTooLargeError(InvalidError):
    code = "points.basket_too_large"
    title = "一次兑换太多"
    detail = "一次最多兑换 {most} 种商品，您选了 {lines} 种，请分几次兑换。"


class BasketRepeatsProductError(InvalidError):
    code = "points.basket_repeats_product"
    title = "同一商品填了两行"
    detail = "同一种商品请合在一行，把件数加在一起。"
