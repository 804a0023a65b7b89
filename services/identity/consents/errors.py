"""What can go wrong with a consent.

```
DomainError
├── ConsentVersionError    not the version in force, fact `current`          (conflict)
└── ConsentUnknownError    there is no such document                         (not_found)
```
"""

from shared.kernel.errors import ConflictError, NotFoundError


class ConsentVersionError(ConflictError):
    code = "identity.consent_version"
    title = "内容已更新"
    detail = "这份协议已经更新到第 {current} 版，请看过新的内容再同意。"


class ConsentUnknownError(NotFoundError):
    code = "identity.consent_unknown"
    title = "没有这份协议"
    detail = "没有找到这份协议。"
