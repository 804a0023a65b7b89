"""Refusals of rulebooks.

```
DomainError
├── NotFoundError
│   └── RulebookNotFoundError
└── InvalidError
    ├── ItemCodeRepeatedError
    └── PeriodInvalidError
```
"""

from shared.kernel.errors import InvalidError, NotFoundError


class RulebookNotFoundError(NotFoundError):
    code = "points.rulebook_not_found"
    title = "还没有积分细则"
    detail = "没有找到这一版积分细则；社区还没有通过细则时，不能申报积分。"


class ItemCodeRepeatedError(InvalidError):
    code = "points.item_code_repeated"
    title = "项目编号重复"
    detail = "积分细则里有重复的项目编号，请改成不同的编号。"


class PeriodInvalidError(InvalidError):
    code = "points.rulebook_period_invalid"
    title = "生效日期不对"
    detail = "细则的生效日期不能早于今天。"
