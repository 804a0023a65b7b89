"""The people of the roster: who they are to their household, whether they are of age, and what may be told of them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID


class Relation(StrEnum):
    """How a member stands to the householder."""

    HOUSEHOLDER = "householder"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDCHILD = "grandchild"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class ResidentStatus(StrEnum):
    ACTIVE = "active"
    LEFT = "left"


ADULT_AT = 18
"""Source: article 17 of the Civil Code."""


def is_adult(born_on: date | None, relation: Relation, on: date) -> bool:
    """Tell whether somebody is an adult by law on a day.

    Without a day of birth the relation decides: children and grandchildren are not assumed to be of age.
    """
    if born_on is None:
        return relation not in {Relation.CHILD, Relation.GRANDCHILD}
    years = on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
    return years >= ADULT_AT


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is known of a member, comparable without decrypting anything: blind indexes stand for the two numbers."""

    household_code: str
    name: str
    relation: Relation
    sex: Sex | None = None
    born_on: date | None = None
    identity_index: bytes | None = None
    phone_index: bytes | None = None
    is_party_member: bool = False
    is_representative: bool = False
    can_act: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A member to be written: the facts and the plain numbers, which are encrypted on the way in."""

    facts: MemberFacts
    identity_number: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Home:
    """What a resident's row carries of the household it belongs to."""

    household_id: UUID
    household_number: str
    grid_id: UUID
    building_id: UUID
    address: str


@dataclass(frozen=True, slots=True)
class Family:
    """How many live in a household and who its householder is."""

    resident_count: int
    householder_id: UUID | None
    householder_name: str


@dataclass(frozen=True, slots=True)
class ResidentMatch:
    """A person of the roster, found for somebody who wants to sign in; the name is plain and must be masked before it is shown."""

    community_id: UUID
    resident_id: UUID
    household_id: UUID
    household_number: str
    grid_id: UUID
    building_id: UUID
    name: str
    is_householder: bool
    is_adult: bool
    can_act: bool
    is_party_member: bool
    is_representative: bool
