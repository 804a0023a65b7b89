"""What can go wrong with an account.

```
DomainError
├── SignInRefusedError            user name or password is wrong                  (unauthenticated)
├── TotpNeededError               the password is right, the six digits are missing (unauthenticated)
├── TotpWrongError                the six digits are wrong or were used           (unauthenticated)
├── AccountLockedError            too many mistakes, fact `retry_after_seconds`   (too_many)
├── AccountSuspendedError         closed by the community                         (forbidden)
├── CommunityNeededError          the user name exists in several communities     (invalid)
├── PasswordTooWeakError          facts `reasons`                                 (invalid)
├── PasswordWrongError            the present password is wrong                   (forbidden)
├── UserNameTakenError            another colleague has it, fact `user_name`      (conflict)
├── AccountNotFoundError                                                          (not_found)
├── TooManyNewStaffError          a batch is longer than allowed                  (invalid)
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

from shared.kernel.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidError,
    NotFoundError,
    TooManyError,
    UnauthenticatedError,
)


class SignInRefusedError(UnauthenticatedError):
    code = "identity.sign_in_refused"
    title = "登录没有成功"
    detail = "用户名或密码不对，请再试一次；忘记密码请找社区管理员重设。"


class TotpNeededError(UnauthenticatedError):
    code = "identity.totp_needed"
    title = "还需要动态验证码"
    detail = "请打开手机上的验证器，填写六位动态验证码。"


class TotpWrongError(UnauthenticatedError):
    code = "identity.totp_wrong"
    title = "动态验证码不对"
    detail = "动态验证码不对或已经用过，请等下一组数字出现后再填。"


class AccountLockedError(TooManyError):
    code = "identity.account_locked"
    title = "登录暂时锁定"
    detail = "连续输错次数太多，请在 {retry_after_seconds} 秒后再试，或请社区管理员重设密码。"


class AccountSuspendedError(ForbiddenError):
    code = "identity.account_suspended"
    title = "账号已停用"
    detail = "这个账号已停用，请联系社区管理员。"


class CommunityNeededError(InvalidError):
    code = "identity.community_needed"
    title = "请选择社区"
    detail = "这个用户名在几个社区里都有，请先选择社区再登录。"


class PasswordTooWeakError(InvalidError):
    code = "identity.password_too_weak"
    title = "密码太简单"
    detail = "密码太简单：{summary}。"


class PasswordWrongError(ForbiddenError):
    code = "identity.password_wrong"
    title = "原密码不对"
    detail = "原密码不对，请再试一次。"


class UserNameTakenError(ConflictError):
    code = "identity.user_name_taken"
    title = "用户名已被使用"
    detail = "用户名“{user_name}”已经有人用了，请换一个。"


class AccountNotFoundError(NotFoundError):
    code = "identity.account_not_found"
    title = "没有这个账号"
    detail = "没有找到这个账号，可能已被注销或不属于本社区。"


class TooManyNewStaffError(InvalidError):
    code = "identity.too_many_new_staff"
    title = "一次新增的人太多"
    detail = "一次最多新增 {most} 人，请分几次提交。"


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
    title = "已经绑定过"
    detail = "这位居民已经绑定了别的微信；如果换了微信，请到社区服务台办理。"


class WechatBoundError(ConflictError):
    code = "identity.wechat_bound"
    title = "这个微信已经绑定过"
    detail = "这个微信已经绑定了一位居民，不能再绑定别人。"
