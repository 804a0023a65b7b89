"""What callers see of residents; names, phones and identity numbers are always masked."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from services.identity.residents.domain import Relation, is_adult
from shared.crypto import mask_name
from shared.schemas import Input, Output, ShortText


class MemberRead(Output):
    id: UUID = Field(description="Id of the resident.")
    name: str = Field(description="Masked name.", examples=["王**"])
    relation: str = Field(description="How the member stands to the householder.", examples=["householder"])
    is_householder: bool = Field(description="Whether this is the householder.")
    is_adult: bool = Field(description="Whether of age today.")
    can_act: bool = Field(description="Whether the member may claim and vote for the household.")
    is_party_member: bool = Field(description="Whether a party member.")
    is_representative: bool = Field(description="Whether a residents' representative.")


class ResidentRead(MemberRead):
    household_id: UUID = Field(description="Household.")
    household_number: str = Field(description="户编号 of the household.", examples=["H0001"])
    address: str = Field(description="Address of the household.", examples=["1号楼1单元101"])
    status: str = Field(description="active or left.", examples=["active"])
    sex: str | None = Field(description="female, male or unknown.", examples=["female"])
    phone: str | None = Field(description="Masked phone number.", examples=["194****0001"])
    identity_number: str | None = Field(description="Masked identity number.", examples=["000*************1X"])


class DisclosureCreate(Input):
    reason: ShortText = Field(
        description="Why it must be known; it is kept in the audit.", examples=["上门核对户口信息"]
    )


class DisclosureRead(Output):
    name: str = Field(description="Full name.", examples=["王小明"])
    phone: str | None = Field(description="Phone number.", examples=["19400000001"])
    identity_number: str | None = Field(description="Identity number.", examples=["000000198503010015"])


def read_member(row: Any, today: date) -> MemberRead:
    """Show a stored resident as a member of the household."""
    return MemberRead(**_member(row, today))


def read_resident(row: Any, today: date) -> ResidentRead:
    """Show a stored resident."""
    return ResidentRead(
        **_member(row, today),
        household_id=row.household_id,
        household_number=row.household_number,
        address=row.address,
        status=row.status,
        sex=row.sex,
        phone=row.phone_masked,
        identity_number=row.identity_masked,
    )


def _member(row: Any, today: date) -> dict[str, Any]:
    relation = Relation(row.relation)
    return {
        "id": row.id,
        "name": mask_name(row.name),
        "relation": relation.value,
        "is_householder": relation is Relation.HOUSEHOLDER,
        "is_adult": is_adult(row.born_on, relation, today),
        "can_act": row.can_act,
        "is_party_member": row.is_party_member,
        "is_representative": row.is_representative,
    }
