"""Refusals of installations.

```
DomainError
└── NotFoundError
    └── InstallationNotFoundError
```
"""

from shared.kernel.errors import NotFoundError


class InstallationNotFoundError(NotFoundError):
    code = "points.installation_not_found"
    title = "没有这次安装"
    detail = "没有找到这次安装；不需要安装的商品请到超市领取。"
