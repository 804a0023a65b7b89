"""What WeChat may answer instead of yes, one class per thing a caller can do about it.

```
WechatError                        anything WeChat refused                       (unavailable)
├── WechatUnreachableError         no answer, or one that is not the protocol    (unavailable, try later)
├── WechatBusyError                -1, 45011: back off                           (unavailable)
├── WechatQuotaError               45009: nothing more today; alert              (unavailable)
├── WechatTokenError               40001 40014 42001 after one refresh           (unavailable)
├── WechatConfigError              the operator must mend something              (unavailable)
│   ├── WechatAppError             40013 40125 41002 41004: app id or secret
│   ├── WechatAddressError         40164 61004: this server's address is not on the list
│   └── WechatPermissionError      48001: the account has not been given this interface
├── WechatCodeError                the log-in or phone code is no good           (unauthenticated)
│   ├── WechatCodeInvalidError     40029
│   └── WechatCodeUsedError        40163
├── WechatRiskyUserError           40226: WeChat blocks this user                (forbidden)
├── WechatForeignPhoneError        the phone code belongs to another app         (forbidden)
├── WechatGrantSpentError          43101: the one-time grant is used up; never retry  (conflict)
├── WechatMessageError             the message itself is wrong; never retry      (invalid)
│   ├── WechatOpenidError          40003
│   ├── WechatTemplateError        40037
│   ├── WechatPageError            41030
│   └── WechatFieldError           47003
├── WechatInactiveUserError        61010: the user was not here in the last two hours (conflict)
└── WechatContentError             87014: the text or picture breaks the rules   (conflict)
```

`errcode` and `errmsg` travel as facts, `call` names the interface. No token, secret or session key ever does.
"""

from typing import ClassVar

from shared.kernel.errors import DomainError, Kind


class WechatError(DomainError):
    """Anything WeChat refused; an errcode without a class of its own ends here."""

    code = "wechat.refused"
    kind = Kind.UNAVAILABLE
    title = "微信没有受理"
    detail = "微信没有受理这次请求（错误码 {errcode}），请稍后再试。"
    errcodes: ClassVar[frozenset[int]] = frozenset()


class WechatUnreachableError(WechatError):
    code = "wechat.unreachable"
    title = "连不上微信"
    detail = "暂时连不上微信，请过一会儿再试。"


class WechatBusyError(WechatError):
    code = "wechat.busy"
    title = "微信正忙"
    detail = "微信系统正忙，请过一会儿再试。"
    errcodes = frozenset({-1, 45011})


class WechatQuotaError(WechatError):
    code = "wechat.quota_spent"
    title = "今天的微信调用次数用完了"
    detail = "今天的微信调用次数已经用完，明天会自动恢复。"
    errcodes = frozenset({45009})


class WechatTokenError(WechatError):
    code = "wechat.token_rejected"
    title = "微信接口凭证失效"
    detail = "微信接口凭证失效，系统正在重新获取，请稍后再试。"
    errcodes = frozenset({40001, 40014, 42001})


class WechatConfigError(WechatError):
    code = "wechat.misconfigured"
    title = "微信接口没有配置好"
    detail = "微信接口没有配置好（错误码 {errcode}），请联系系统管理员。"


class WechatAppError(WechatConfigError):
    code = "wechat.wrong_app"
    detail = "小程序的 AppID 或密钥不正确（错误码 {errcode}），请联系系统管理员检查配置。"
    errcodes = frozenset({40013, 40125, 41002, 41004})


class WechatAddressError(WechatConfigError):
    code = "wechat.address_not_listed"
    detail = "本服务器的地址不在微信后台的白名单里（错误码 {errcode}），请联系系统管理员添加。"
    errcodes = frozenset({40164, 61004})


class WechatPermissionError(WechatConfigError):
    code = "wechat.interface_not_granted"
    detail = "小程序还没有开通这个接口（错误码 {errcode}），请联系系统管理员到微信后台开通。"
    errcodes = frozenset({48001})


class WechatCodeError(WechatError):
    code = "wechat.code_refused"
    kind = Kind.UNAUTHENTICATED
    title = "微信登录没有成功"
    detail = "微信登录没有成功，请退出小程序后重新打开。"


class WechatCodeInvalidError(WechatCodeError):
    code = "wechat.code_invalid"
    detail = "微信登录码已过期或不正确，请退出小程序后重新打开。"
    errcodes = frozenset({40029})


class WechatCodeUsedError(WechatCodeError):
    code = "wechat.code_used"
    detail = "微信登录码已经用过，请退出小程序后重新打开。"
    errcodes = frozenset({40163})


class WechatRiskyUserError(WechatError):
    code = "wechat.risky_user"
    kind = Kind.FORBIDDEN
    title = "微信限制了这个账号"
    detail = "微信提示这个账号有风险，暂时不能登录；请到社区服务台办理。"
    errcodes = frozenset({40226})


class WechatForeignPhoneError(WechatError):
    code = "wechat.foreign_phone"
    kind = Kind.FORBIDDEN
    title = "手机号验证没有通过"
    detail = "这个手机号不是在本小程序里授权的，请重新授权。"


class WechatGrantSpentError(WechatError):
    code = "wechat.grant_spent"
    kind = Kind.CONFLICT
    title = "对方没有同意接收消息"
    detail = "对方没有同意接收，或者同意的次数已经用完。"
    errcodes = frozenset({43101})


class WechatMessageError(WechatError):
    code = "wechat.message_wrong"
    kind = Kind.INVALID
    title = "消息内容不对"
    detail = "消息内容不符合微信的要求（错误码 {errcode}）。"


class WechatOpenidError(WechatMessageError):
    code = "wechat.openid_wrong"
    detail = "接收人不是本小程序的用户。"
    errcodes = frozenset({40003})


class WechatTemplateError(WechatMessageError):
    code = "wechat.template_wrong"
    detail = "消息模板不存在，请检查微信后台的模板编号。"
    errcodes = frozenset({40037})


class WechatPageError(WechatMessageError):
    code = "wechat.page_wrong"
    detail = "消息里要打开的页面不存在。"
    errcodes = frozenset({41030})


class WechatFieldError(WechatMessageError):
    code = "wechat.field_wrong"
    detail = "消息里有一项内容不符合模板的要求。"
    errcodes = frozenset({47003})


class WechatInactiveUserError(WechatError):
    code = "wechat.inactive_user"
    kind = Kind.CONFLICT
    title = "需要重新打开小程序"
    detail = "您已经超过两小时没有打开小程序，请重新打开后再提交。"
    errcodes = frozenset({61010})


class WechatContentError(WechatError):
    code = "wechat.content_refused"
    kind = Kind.CONFLICT
    title = "内容不能发布"
    detail = "内容里可能有不合适的文字或图片，请修改后再提交。"
    errcodes = frozenset({87014})


def _leaves(cls: type[WechatError]) -> list[type[WechatError]]:
    return [cls, *(leaf for child in cls.__subclasses__() for leaf in _leaves(child))]


ERROR_BY_ERRCODE: dict[int, type[WechatError]] = {code: cls for cls in _leaves(WechatError) for code in cls.errcodes}
"""Which class an errcode raises; the rest is a plain `WechatError`."""


def error_for(errcode: int, *, errmsg: str, call: str) -> WechatError:
    """Build the error of an errcode."""
    return ERROR_BY_ERRCODE.get(errcode, WechatError)(errcode=errcode, errmsg=errmsg[:200], call=call)
