"""What can go wrong when staff sign in or are taken on.

```
DomainError
├── SignInRefusedError            user name or password is wrong                  (unauthenticated)
├── TotpNeededError               the password is right, the six digits are missing (unauthenticated)
├── TotpWrongError                the six digits are wrong or were used           (unauthenticated)
├── AccountLockedError            too many mistakes, fact `retry_after_seconds`   (too_many)
├── CommunityNeededError          the user name exists in several communities     (invalid)
├── PasswordTooWeakError          facts `reasons`                                 (invalid)
├── PasswordChangeNeededError     the password is still the one handed out        (forbidden)
├── PasswordWrongError            the present password is wrong                   (forbidden)
├── UserNameTakenError            another colleague has it, fact `user_name`      (conflict)
└── TooManyNewStaffError          a batch is longer than allowed                  (invalid)
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, TooManyError, UnauthenticatedError


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


class CommunityNeededError(InvalidError):
    code = "identity.community_needed"
    title = "请选择社区"
    detail = "这个用户名在几个社区里都有，请先选择社区再登录。"


class PasswordChangeNeededError(ForbiddenError):
    code = "identity.password_change_needed"
    title = "请先设一个自己的密码"
    detail = (
        "这还是发给您的初始密码，只有您自己知道的密码才能用来办事；请设一个新密码，和用户名、初始密码一起再提交一次。"
    )


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
    detail = "这个用户名已经有人用了，请换一个。"


class TooManyNewStaffError(InvalidError):
    code = "identity.too_many_new_staff"
    title = "一次新增的人太多"
    detail = "一次最多新增 {most} 人，请分几次提交。"
