"""What can go wrong with signing keys.

```
DomainError
├── NoSigningKeyError       identity cannot sign yet      (unavailable)
└── KeyNotFoundError                                      (not_found)
```
"""

from shared.kernel.errors import NotFoundError, UnavailableError


class NoSigningKeyError(UnavailableError):
    code = "identity.no_signing_key"


class KeyNotFoundError(NotFoundError):
    code = "identity.key_not_found"
    title = "没有这把密钥"
    detail = "没有找到这把签名密钥。"
