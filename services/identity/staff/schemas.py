"""What the API says of staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.identity.accounts.domain import AccountStatus
from services.identity.staff.domain import MOST_AT_ONCE
from shared.kernel.principal import Role, ScopeKind
from shared.schemas import Input, Output, ShortText

UserName = Annotated[str, StringConstraints(min_length=2, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=False)]
Device = Annotated[str, StringConstraints(max_length=200)]


class StaffSessionCreate(Input):
    """A staff sign-in."""

    user_name: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="User name; capital or small letters do not matter.", examples=["zhang.san"]
    )
    password: Password = Field(description="Password.", examples=["k7mq-x3tf-p9hw"])
    totp_code: Annotated[str, StringConstraints(max_length=12)] | None = Field(
        None, description="Six digits of the authenticator app, for roles that move points, money or votes."
    )
    new_password: Password | None = Field(
        None, description="A password of one's own in place of this one; needed with the one that was handed out."
    )
    community_id: UUID | None = Field(None, description="Needed only when the user name exists in several communities.")
    device: Device = Field("", description="What the device says of itself.", examples=["服务大厅 2 号窗口"])


class FirstRoleCreate(Input):
    """A role for the first day."""

    role: Role = Field(description="Role of the glossary.", examples=["grid_worker"])
    scope_kind: ScopeKind = Field(description="How far it reaches.", examples=["grid"])
    scope_id: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="Id of the grid or building, or code of the department; left out for the community."
    )


class ColleagueCreate(Input):
    """Somebody to be taken on."""

    user_name: UserName = Field(description="User name, unique in the community.", examples=["zhang.san"])
    name: ShortText = Field(description="Name as colleagues and residents see it.", examples=["张三"])
    password: Password | None = Field(None, description="First password; made up when left out.")
    resident_id: UUID | None = Field(None, description="The person on the roster, when the colleague lives here.")
    roles: list[FirstRoleCreate] = Field(default_factory=list, max_length=10, description="Roles from today on.")


class StaffCreate(Input):
    """Colleagues to be taken on, all of them or none."""

    items: list[ColleagueCreate] = Field(min_length=1, max_length=MOST_AT_ONCE, description="The colleagues.")


class IssuedSecretsRead(Output):
    """Secrets of a colleague, shown this once."""

    account_id: UUID = Field(description="The account.")
    user_name: str = Field(description="User name.", examples=["zhang.san"])
    name: str = Field(description="Name.", examples=["张三"])
    password: str = Field(description="Password to begin with.", examples=["k7mq-x3tf-p9hw"])
    totp_secret: str = Field(description="Secret for the authenticator app, base32.")
    totp_uri: str = Field(description="Address behind the QR code for the authenticator app.")


class StaffSecretsRead(Output):
    """Secrets of everybody taken on, in the order asked."""

    items: list[IssuedSecretsRead] = Field(description="One per colleague.")


class StaffRead(Output):
    """A member of staff."""

    id: UUID = Field(description="The account.")
    user_name: str = Field(description="User name.", examples=["zhang.san"])
    name: str = Field(description="Name.", examples=["张三"])
    status: AccountStatus = Field(description="active, suspended or deleted.")
    resident_id: UUID | None = Field(description="The person on the roster, or null.")
    must_change_password: bool = Field(description="Whether the password is still the one handed out.")
    created_at: datetime = Field(description="When taken on, UTC.")
    signed_in_at: datetime | None = Field(description="When last signed in, UTC, or null.")


class PasswordUpdate(Input):
    """A new password of one's own."""

    present: Password = Field(description="Present password.")
    new: Password = Field(description="New password: 10 characters or more, not the user name, not a common one.")
    session_id: UUID | None = Field(None, description="The log-in that stays open; all others end.")


class ReasonCreate(Input):
    """Why something is done; it is kept in the audit."""

    reason: ShortText = Field(description="Reason in a few words.", examples=["手机丢失"])


class SuspensionUpdate(Input):
    """Whether an account is closed for sign-in, and why."""

    is_suspended: bool = Field(description="True closes the account, false opens it again.")
    reason: ShortText = Field(description="Reason in a few words.", examples=["离职"])
