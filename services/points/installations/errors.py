"""Refusals of installations.

```
DomainError
├── NotFoundError
│   └── InstallationNotFoundError
└── ConflictError
    └── NoInstallationConflictError
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class InstallationNotFoundError(NotFoundError):
    code = "points.installation_not_found"
    title = "没有这次安装"
    detail = "没有找到这次安装；不需要安装的商品请到超市领取。"


class NoInstallationConflictError(ConflictError):
    code = "points.no_installation_conflict"
    title = "没有要处理的问题"
    detail = "这次安装没有等待处理的问题，或者已经有人处理过，请刷新列表。"
