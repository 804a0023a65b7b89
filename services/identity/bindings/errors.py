"""What can go wrong when a WeChat user is tied to a person on the roster.

```
DomainError
├── BindingTokenInvalidError      the WeChat log-in before the binding is too old (unauthenticated)
├── CardCodeMistypedError         the digits cannot be a code                     (invalid)
├── CardCodeUnknownError          no open code of these digits                    (not_found)
├── CardCodeSpentError            used or out of date                             (gone)
├── MemberUnknownError            nobody of that name in the household            (not_found)
├── PhoneUnknownError             the telephone number is not on the roster       (not_found)
├── PhoneSharedError              several people have this number                 (conflict)
├── ResidentBoundError            this person already has an account              (conflict)
└── WechatBoundError              this WeChat account belongs to somebody         (conflict)
```
"""

from shared.kernel.errors import ConflictError, GoneError, InvalidError, NotFoundError, UnauthenticatedError


class BindingTokenInvalidError(UnauthenticatedError):
    code = "identity.binding_token_invalid"
    title = "请重新打开小程序"
    detail = "登录时间太久了，请退出小程序后重新打开，再绑定家庭。"


class CardCodeMistypedError(InvalidError):
    code = "identity.card_code_mistyped"
    title = "验证码填错了"
    detail = "户卡上的验证码是 12 位数字，您填的好像有一位不对，请对照户卡再看一遍。"


class CardCodeUnknownError(NotFoundError):
    code = "identity.card_code_unknown"
    title = "没有这个验证码"
    detail = "没有找到这个验证码，请对照户卡再看一遍，或请网格员帮忙。"


class CardCodeSpentError(GoneError):
    code = "identity.card_code_spent"
    title = "验证码已失效"
    detail = "这个验证码已经用过或过期了，请找网格员领一个新的。"


class MemberUnknownError(NotFoundError):
    code = "identity.member_unknown"
    title = "户里没有这个人"
    detail = "户口册上这一户没有叫这个名字的人，请核对姓名，或请网格员帮忙。"


class PhoneUnknownError(NotFoundError):
    code = "identity.phone_unknown"
    title = "手机号没有登记"
    detail = "这个手机号没有在社区登记，请用户卡上的验证码绑定，或请网格员帮忙。"


class PhoneSharedError(ConflictError):
    code = "identity.phone_shared"
    title = "几个人登记了同一个手机号"
    detail = "有几个人登记了这个手机号，请用户卡上的验证码绑定，或请网格员帮忙。"


class ResidentBoundError(ConflictError):
    code = "identity.resident_bound"
    title = "这位居民已经有账号"
    detail = "这位居民已经有账号了；如果换了微信，请到社区服务台办理。"


class WechatBoundError(ConflictError):
    code = "identity.wechat_bound"
    title = "这个微信已经绑定过"
    detail = "这个微信已经绑定了一位居民，不能再绑定别人。"
