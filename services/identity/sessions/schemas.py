"""What the API says of log-ins and tokens."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.schemas import Input, Output


class RefreshCreate(Input):
    """A refresh token to be exchanged."""

    refresh_token: str = Field(description="The refresh token of the last answer.", min_length=20, max_length=200)


class RoleRead(Output):
    """A role and how far it reaches."""

    role: str = Field(description="Role of the glossary.", examples=["grid_worker"])
    scope_kind: str = Field(description="community, grid, building or department.", examples=["grid"])
    scope_id: str = Field(description="Id of the community, grid or building, or code of the department.")


class TokenPair(Output):
    """Proof of a log-in: a short-lived access token and the refresh token that gets the next one."""

    access_token: str = Field(description="Send as `Authorization: Bearer …`.")
    token_type: str = Field("Bearer", description="Always Bearer.")
    expires_in: int = Field(description="Seconds the access token is good.", examples=[900])
    refresh_token: str = Field(description="Good once; the next answer holds the next one.")
    session_id: UUID = Field(description="This log-in.")
    account_id: UUID = Field(description="Who is signed in.")
    community_id: UUID = Field(description="Community of the account.")


class SessionRead(Output):
    """A log-in on one device."""

    id: UUID = Field(description="The log-in.")
    device: str = Field(description="What the device said of itself.", examples=["iPhone 12"])
    started_at: datetime = Field(description="When it began, UTC.")
    refreshed_at: datetime = Field(description="When it was last used, UTC.")
    expires_at: datetime = Field(description="When it ends by itself, UTC.")


class MeRead(Output):
    """Who the caller is, today and by the database, not by the token."""

    account_id: UUID = Field(description="The account.")
    kind: str = Field(description="resident, staff or client.", examples=["resident"])
    name: str = Field(description="Name; masked for residents.", examples=["王**"])
    community_id: UUID = Field(description="Community of the account.")
    household_id: UUID | None = Field(description="Household on the roster, or null.")
    resident_id: UUID | None = Field(description="Person on the roster, or null.")
    roles: list[RoleRead] = Field(description="Roles that count today.")
    scopes: list[str] = Field(description="OAuth scopes, for other systems.")
    missing_consents: list[str] = Field(description="Texts that must be agreed to (again).", examples=[[]])
