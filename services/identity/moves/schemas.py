"""What the desk sends about people who come and go."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.identity.households.domain import HouseholdFacts, Tenure
from services.identity.moves.errors import PersonInvalidError
from services.identity.moves.usecases import Person
from services.identity.residents.domain import Relation, Sex
from services.identity.rosters import cells
from services.identity.rosters.identity_numbers import born_on_of, is_female
from shared.schemas import Input, Output, ShortText

Code = Annotated[
    str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Z\u4e00-\u9fff][0-9A-Z\u4e00-\u9fff._#-]*$")
]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]


class PersonBody(Input):
    name: ShortText = Field(description="Full name.", examples=["王小明"])
    relation: Relation = Field(description="How the person stands to the householder.", examples=["child"])
    sex: Sex | None = Field(None, description="Needed only without an identity number.", examples=["male"])
    born_on: date | None = Field(None, description="Needed only without an identity number.", examples=["1985-03-01"])
    identity_number: ShortText | None = Field(None, description="Identity number of 18 characters.")
    phone: ShortText | None = Field(None, description="Mobile number of 11 digits.", examples=["19400000001"])
    is_party_member: bool = Field(False, description="Whether a party member.")
    is_representative: bool = Field(False, description="Whether a residents' representative.")
    can_act: bool = Field(False, description="Whether the person may claim and vote for the household.")

    def person(self, today: date) -> Person:
        """Read and check the person as the roster import would.

        Errors: PersonInvalidError naming the field and what to do.
        """
        number = _read("身份证号", cells.read_identity_number, self.identity_number)
        phone = _read("手机号码", cells.read_phone, self.phone)
        name = _read("姓名", cells.read_name, self.name)
        born_on = _read("出生日期", lambda day: cells.read_date(day, today=today), self.born_on)
        sex = self.sex
        if number is not None:
            told = born_on_of(number), Sex.FEMALE if is_female(number) else Sex.MALE
            if (born_on or told[0]) != told[0] or (sex or told[1]) is not told[1]:
                raise PersonInvalidError(field="身份证号", advice="与填写的出生日期或性别不一致，请核对")
            born_on, sex = told
        return Person(
            name=name,
            relation=self.relation,
            sex=sex,
            born_on=born_on,
            identity_number=number,
            phone=phone,
            is_party_member=self.is_party_member,
            is_representative=self.is_representative,
            can_act=self.can_act,
        )


def _read(field: str, read: Callable[[Any], Any], value: Any) -> Any:
    if value is None:
        return None
    try:
        return read(value)
    except cells.CellError as error:
        raise PersonInvalidError(field=field, advice=str(error)) from None


class HouseholdCreate(Input):
    number: Code = Field(description="户编号, unique in the community.", examples=["H4153"])
    unit_codes: list[Code] = Field(min_length=1, max_length=20, description="Property units, the address first.")
    tenure: Tenure = Field(Tenure.OWNER, description="owner or tenant.")
    moved_in_on: date | None = Field(None, description="Day of moving in.", examples=["2026-05-11"])
    members: list[PersonBody] = Field(min_length=1, max_length=30, description="Members, exactly one the householder.")

    def facts(self) -> HouseholdFacts:
        """Return the household as the domain has it."""
        return HouseholdFacts(self.number, tuple(dict.fromkeys(self.unit_codes)), self.tenure, self.moved_in_on)


class HouseholdRegistered(Output):
    id: UUID = Field(description="Id of the household.")
    card_code: str = Field(description="One-time code for its card, shown this once.", examples=["1234 5678 9012"])


class DepartureCreate(Input):
    reason: Reason = Field(
        "moved_out", description="moved_out, deceased or another short word.", examples=["moved_out"]
    )


class HouseholderUpdate(Input):
    resident_id: UUID = Field(description="Member who becomes the householder.")
    former_relation: Relation = Field(Relation.OTHER, description="What the former householder is to the new one.")


class SplitCreate(Input):
    number: Code = Field(description="户编号 of the new household.", examples=["H4153"])
    unit_codes: list[Code] = Field(min_length=1, max_length=20, description="Where the new household lives.")
    tenure: Tenure = Field(Tenure.OWNER, description="owner or tenant.")
    moved_in_on: date | None = Field(None, description="Day of moving in.", examples=["2026-05-11"])
    member_ids: list[UUID] = Field(min_length=1, max_length=30, description="Who goes.")
    householder_id: UUID = Field(description="Who of them is the new householder.")


class MergeCreate(Input):
    into_id: UUID = Field(description="Household that is joined.")
