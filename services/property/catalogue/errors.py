"""Refusals of the catalogue.

```
NotFoundError
└── CategoryNotFoundError      property.category_not_found
ConflictError
└── CategoryNotUsableError     property.category_not_usable
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class CategoryNotFoundError(NotFoundError):
    code = "property.category_not_found"
    title = "没有这个类别"
    detail = "没有“{category}”这个报修类别，请从类别表里选。"


class CategoryNotUsableError(ConflictError):
    code = "property.category_not_usable"
    title = "不能选这个类别"
    detail = "“{name}”是大类或已停用，请选下面的具体类别。"
