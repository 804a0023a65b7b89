"""Refusals of stock.

```
DomainError
├── NotFoundError
│   └── BatchNotFoundError
├── ConflictError
│   └── StockShortError
└── InvalidError
    ├── ShelfLifeOverError
    └── SupplierMissingError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class BatchNotFoundError(NotFoundError):
    code = "points.batch_not_found"
    title = "没有这个批次"
    detail = "没有找到这个批次，请核对商品和入库单。"


class StockShortError(ConflictError):
    code = "points.stock_short"
    title = "架上不够"
    detail = "架上只有 {available} 件，不够 {needed} 件；已为居民预留的不能动，请先办理或取消预留。"


class ShelfLifeOverError(InvalidError):
    code = "points.shelf_life_over"
    title = "已过保质期"
    detail = "这批货的保质期 {keeps_until_on} 已经过了，不能入库，请退给供货方。"


class SupplierMissingError(InvalidError):
    code = "points.supplier_missing"
    title = "没有写供货方"
    detail = "请选择一家供货方，或者写明是谁送来的；两样填一样就可以。"
