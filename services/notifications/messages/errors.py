"""Refusals of messages.

```
ConflictError
├── GrantMissingError        the wallet of this account and template is empty
└── FieldEmptyError          a message has nothing to say in one of its fields
```

None of them reaches a caller: they decide what becomes of a message.
"""

from shared.kernel.errors import ConflictError


class GrantMissingError(ConflictError):
    code = "notifications.grant_missing"
    title = "还没有同意接收"
    detail = "这位居民还没有同意接收这类消息，或者同意的次数已经用完。"


class FieldEmptyError(ConflictError):
    code = "notifications.field_empty"
    title = "消息缺内容"
    detail = "消息的“{field}”一项没有内容，微信不会受理。"
