"""What can go wrong with a client, in the words of the house and (fact `error`) of RFC 6749 §5.2.

```
DomainError
├── ClientRefusedError        unknown client, wrong or worn-out secret (`invalid_client`) (unauthenticated)
├── GrantTypeError            only client_credentials (`unsupported_grant_type`)          (invalid)
├── ScopeRefusedError         a scope the client was not given (`invalid_scope`)          (forbidden)
├── ScopeUnknownError         fact `unknown`                                              (invalid)
└── ClientNotFoundError                                                                   (not_found)
```
"""

from shared.kernel.errors import ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError


class ClientRefusedError(UnauthenticatedError):
    code = "identity.client_refused"
    title = "接入系统认证失败"
    detail = "接入编号或密钥不对，或者密钥已经过期。"


class GrantTypeError(InvalidError):
    code = "identity.grant_type"
    title = "授权方式不支持"
    detail = "这里只支持 client_credentials 授权方式。"


class ScopeRefusedError(ForbiddenError):
    code = "identity.scope_refused"
    title = "没有申请过这个权限"
    detail = "这个接入系统没有获得权限：{refused}。"


class ScopeUnknownError(InvalidError):
    code = "identity.scope_unknown"
    title = "没有这种权限"
    detail = "没有这种权限：{unknown}。"


class ClientNotFoundError(NotFoundError):
    code = "identity.client_not_found"
    title = "没有这个接入系统"
    detail = "没有找到这个接入系统，可能已经停用。"
