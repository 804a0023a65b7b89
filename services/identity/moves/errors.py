"""Why a move is refused at the desk.

```
InvalidError
├── PersonInvalidError        identity.person_invalid
├── UnitUnknownError          identity.unit_unknown
└── MembersIncompleteError    identity.members_incomplete
ConflictError
├── HouseholdCodeTakenError   identity.household_code_taken
├── HouseholderLeavesError    identity.householder_leaves
└── NotAMemberError           identity.not_a_member
```
"""

from shared.kernel.errors import ConflictError, InvalidError


class PersonInvalidError(InvalidError):
    code = "identity.person_invalid"
    title = "登记的内容不对"
    detail = "{field}：{advice}。"


class UnitUnknownError(InvalidError):
    code = "identity.unit_unknown"
    title = "没有这套房"
    detail = "没有找到房屋 {unit_code}，请核对编号。"


class MembersIncompleteError(InvalidError):
    code = "identity.members_incomplete"
    title = "成员不全"
    detail = "一户要有一位户主，而且只能有一位；请检查成员名单。"


class HouseholdCodeTakenError(ConflictError):
    code = "identity.household_code_taken"
    title = "户编号已被使用"
    detail = "户编号 {number} 已经用过，请换一个。"


class HouseholderLeavesError(ConflictError):
    code = "identity.householder_leaves"
    title = "户主不能直接迁出"
    detail = "户里还有其他成员，请先指定新的户主，再办理原户主迁出；如果全家都搬走，请办理整户迁出。"


class NotAMemberError(ConflictError):
    code = "identity.not_a_member"
    title = "不是这一户的成员"
    detail = "所选的人现在不是这一户的成员，请刷新后再看。"
