"""Refusals of the inbox.

```
NotFoundError
└── ItemNotFoundError        the caller's inbox holds nothing under this id
```
"""

from shared.kernel.errors import NotFoundError


class ItemNotFoundError(NotFoundError):
    code = "notifications.item_not_found"
    title = "没有找到这条消息"
    detail = "您的消息里没有这一条，可能已被删除。"
