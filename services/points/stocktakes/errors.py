"""Refusals of stock-takes.

```
DomainError
├── NotFoundError
│   └── StocktakeNotFoundError
├── ConflictError
│   ├── OwnCountError
│   └── NothingCountedError
└── InvalidError
    └── DifferenceUnexplainedError
```
"""

from shared.kernel.errors import ConflictError, InvalidError, NotFoundError


class StocktakeNotFoundError(NotFoundError):
    code = "points.stocktake_not_found"
    title = "没有这次盘点"
    detail = "没有找到这次盘点。"


class OwnCountError(ConflictError):
    code = "points.own_count"
    title = "不能审核自己的盘点"
    detail = "盘点人不能审核自己的盘点，请换一位监督员或管理员审核。"


class NothingCountedError(ConflictError):
    code = "points.nothing_counted"
    title = "还没有清点"
    detail = "这次盘点还没有录入任何商品，请先清点再提交。"


class DifferenceUnexplainedError(InvalidError):
    code = "points.difference_unexplained"
    title = "差异没有说明"
    detail = "这些商品账实不符，请逐项写明原因后再提交：{names}。"
