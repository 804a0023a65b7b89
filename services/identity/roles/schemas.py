"""What the API says of roles."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.kernel.principal import Role, ScopeKind
from shared.schemas import Input, Output, ShortText


class RoleGrantCreate(Input):
    """A role to be given."""

    account_id: UUID = Field(description="Who gets it: a member of staff or a resident.")
    role: Role = Field(description="Role of the glossary.", examples=["storekeeper"])
    scope_kind: ScopeKind = Field(description="How far it reaches.", examples=["community"])
    scope_id: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="Id of the grid or building, or code of the department; left out for the community."
    )
    from_on: date | None = Field(None, description="First day, China time; today when left out.")
    until_on: date | None = Field(None, description="Last day, China time; without end when left out.")


class RoleGrantRead(Output):
    """A role somebody holds or held."""

    id: UUID = Field(description="The grant.")
    account_id: UUID = Field(description="Who holds it.")
    role: Role = Field(description="Role of the glossary.")
    scope_kind: ScopeKind = Field(description="How far it reaches.")
    scope_id: str = Field(description="Id of the community, grid or building, or code of the department.")
    from_on: date = Field(description="First day.")
    until_on: date | None = Field(description="Last day, or null.")
    granted_by: UUID = Field(description="Account that gave it.")
    granted_at: datetime = Field(description="When it was given, UTC.")
    revoked_by: UUID | None = Field(description="Account that took it back, or null.")
    revoked_at: datetime | None = Field(description="When it was taken back, UTC, or null.")
    revoke_reason: str = Field(description="Why it was taken back.", examples=[""])


class RevocationCreate(Input):
    """Why a role is taken back."""

    reason: ShortText = Field(description="Reason in a few words; kept in the audit.", examples=["换届"])
