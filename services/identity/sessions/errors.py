"""What can go wrong with a session.

```
DomainError
├── RefreshRefusedError       not a refresh token of ours, or its session has ended   (unauthenticated)
├── RefreshReusedError        an old refresh token came back; the session is ended    (unauthenticated)
├── SecondProofNeededError    a role of weight was given meanwhile; sign in anew      (unauthenticated)
└── SessionNotFoundError                                                              (not_found)
```
"""

from shared.kernel.errors import NotFoundError, UnauthenticatedError


class RefreshRefusedError(UnauthenticatedError):
    code = "identity.refresh_refused"
    detail = "登录已过期，请重新登录。"


class RefreshReusedError(UnauthenticatedError):
    code = "identity.refresh_reused"
    title = "为了安全，请重新登录"
    detail = "您的登录可能被别人复制过，为了安全已退出，请重新登录。"


class SecondProofNeededError(UnauthenticatedError):
    code = "identity.second_proof_needed"
    title = "请用动态验证码重新登录"
    detail = "您有了经手积分、钱款或选票的职务；请用密码和验证器上的六位数字重新登录一次。"


class SessionNotFoundError(NotFoundError):
    code = "identity.session_not_found"
    title = "没有这次登录"
    detail = "没有找到这次登录，可能已经退出。"
