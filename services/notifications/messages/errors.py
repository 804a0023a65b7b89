"""Refusals of messages.

```
InvalidError
└── UnknownTemplateError     the mini-program names a template that is not ours
ConflictError
├── GrantMissingError        the wallet of this account and template is empty
└── FieldEmptyError          a message has nothing to say in one of its fields
```
"""

from shared.kernel.errors import ConflictError, InvalidError


class UnknownTemplateError(InvalidError):
    code = "notifications.unknown_template"
    title = "没有这种消息"
    detail = "没有编号为 {template} 的消息模板，请更新小程序后再试。"


class GrantMissingError(ConflictError):
    code = "notifications.grant_missing"
    title = "还没有同意接收"
    detail = "这位居民还没有同意接收这类消息，或者同意的次数已经用完。"


class FieldEmptyError(ConflictError):
    code = "notifications.field_empty"
    title = "消息缺内容"
    detail = "消息的“{field}”一项没有内容，微信不会受理。"
