"""Refusals of the public pages.

```
DomainError
└── NotFoundError
    ├── PublicPageNotFoundError
    └── PublicPageClosedError
```
"""

from shared.kernel.errors import NotFoundError


class PublicPageNotFoundError(NotFoundError):
    code = "points.public_page_not_found"
    title = "没有这个社区"
    detail = "没有找到这个社区的公开页面，请检查网址或重新扫码。"


class PublicPageClosedError(NotFoundError):
    code = "points.public_page_closed"
    title = "没有公开这一项"
    detail = "这个社区没有对外公开这一项，请登录后查看或到社区咨询。"
