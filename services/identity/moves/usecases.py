"""What the desk can do between two rosters: register a household, let people in and out, change the householder, split and merge."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.identity.bindings import usecases as bindings
from services.identity.households import usecases as households
from services.identity.households.domain import HouseholdFacts, OpenFile, RollChanges, Tenure
from services.identity.moves.domain import (
    decide_departure,
    decide_householder,
    decide_merge,
    decide_split,
)
from services.identity.moves.errors import HouseholdCodeTakenError, MembersIncompleteError, UnitUnknownError
from services.identity.places import usecases as places
from services.identity.residents import usecases as residents
from services.identity.residents.domain import Member, MemberFacts, Relation, Sex
from shared.crypto import FieldCipher
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.uow import UnitOfWork

DESK = frozenset({Role.COMMUNITY_ADMIN, Role.GRID_WORKER})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes to live here, read and checked."""

    name: str
    relation: Relation
    sex: Sex | None = None
    born_on: date | None = None
    identity_number: str | None = None
    phone: str | None = None
    is_party_member: bool = False
    is_representative: bool = False
    can_act: bool = False


def _require_desk(principal: Principal, grid_id: UUID) -> None:
    if not principal.has_over(DESK, ScopeKind.GRID, str(grid_id)):
        raise ForbiddenError(required_roles=sorted(DESK))


def _member(cipher: FieldCipher, person: Person, household_code: str) -> Member:
    number, phone = person.identity_number, person.phone
    facts = MemberFacts(
        household_code=household_code,
        name=person.name,
        relation=person.relation,
        sex=person.sex,
        born_on=person.born_on,
        identity_index=residents.index_identity_number(cipher, number) if number else None,
        phone_index=residents.index_phone(cipher, phone) if phone else None,
        is_party_member=person.is_party_member,
        is_representative=person.is_representative,
        can_act=person.can_act or person.relation is Relation.HOUSEHOLDER,
    )
    return Member(facts, number, phone)


async def _write(
    uow: UnitOfWork, cipher: FieldCipher, principal: Principal, changes: RollChanges, reason: str
) -> Mapping[str, UUID]:
    return await households.change_roll(
        uow=uow, cipher=cipher, changes=changes, acted_by=principal.account_id, source_id=uow.new_id(), reason=reason
    )


async def _open(
    uow: UnitOfWork, principal: Principal, cipher: FieldCipher, household_id: UUID
) -> tuple[OpenFile, dict[UUID, Member]]:
    file = await households.open_file(uow=uow, household_id=household_id)
    _require_desk(principal, file.grid_id)
    return file, await residents.open_members(uow=uow, cipher=cipher, household_id=household_id)


async def _place(uow: UnitOfWork, principal: Principal, number: str, unit_codes: Sequence[str]) -> None:
    located = await places.locate_units(uow=uow)
    for code in unit_codes:
        if code not in located:
            raise UnitUnknownError(unit_code=code)
    _require_desk(principal, located[unit_codes[0]].grid_id)
    if await households.is_number_taken(uow=uow, number=number):
        raise HouseholdCodeTakenError(number=number)


async def register_household(
    *,
    uow: UnitOfWork,
    principal: Principal,
    cipher: FieldCipher,
    facts: HouseholdFacts,
    people: Sequence[Person],
) -> tuple[UUID, str]:
    """Enter a household that moves in; return its id and the one-time code for its card.

    Errors: ForbiddenError, UnitUnknownError, HouseholdCodeTakenError, MembersIncompleteError, IdentityNumberTakenError.
    """
    await _place(uow, principal, facts.code, facts.unit_codes)
    if [person.relation for person in people].count(Relation.HOUSEHOLDER) != 1:
        raise MembersIncompleteError
    members = [_member(cipher, person, facts.code) for person in people]
    changes = RollChanges(added_households=[facts], added_members=members)
    household_id = (await _write(uow, cipher, principal, changes, "moved_in"))[facts.code]
    codes = await bindings.issue_card_codes(
        uow=uow, cipher=cipher, household_ids=[household_id], issued_by=principal.account_id
    )
    return household_id, codes[household_id]


async def add_member(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, household_id: UUID, person: Person
) -> None:
    """Enter somebody who comes to live with a household.

    Locks/IO: the household's row.
    Errors: ForbiddenError, HouseholdNotFoundError, HouseholdMovedOutError, SecondHouseholderError, IdentityNumberTakenError.
    """
    file, _ = await _open(uow, principal, cipher, household_id)
    member = _member(cipher, person, file.facts.code)
    await _write(uow, cipher, principal, RollChanges(added_members=[member]), "moved_in")


async def remove_member(
    *,
    uow: UnitOfWork,
    principal: Principal,
    cipher: FieldCipher,
    household_id: UUID,
    resident_id: UUID,
    reason: str,
) -> None:
    """Close the stay of one member.

    Locks/IO: the household's row.
    Errors: ForbiddenError, HouseholdNotFoundError, HouseholdMovedOutError, NotAMemberError, HouseholderLeavesError.
    """
    file, members = await _open(uow, principal, cipher, household_id)
    decide_departure(members, resident_id)
    gone = RollChanges(
        gone_members={resident_id: file.facts.code}, gone_households=[file.facts.code] if len(members) == 1 else []
    )
    await _write(uow, cipher, principal, gone, reason)


async def move_out(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, household_id: UUID, reason: str
) -> None:
    """Close a household that moves away with everybody in it.

    Locks/IO: the household's row.
    Errors: ForbiddenError, HouseholdNotFoundError, HouseholdMovedOutError.
    """
    file, members = await _open(uow, principal, cipher, household_id)
    code = file.facts.code
    changes = RollChanges(gone_households=[code], gone_members=dict.fromkeys(members, code))
    await _write(uow, cipher, principal, changes, reason)


async def change_householder(
    *,
    uow: UnitOfWork,
    principal: Principal,
    cipher: FieldCipher,
    household_id: UUID,
    resident_id: UUID,
    former: Relation,
) -> None:
    """Make another member the householder.

    Locks/IO: the household's row.
    Errors: ForbiddenError, HouseholdNotFoundError, HouseholdMovedOutError, NotAMemberError.
    Idempotency: naming the present householder changes nothing.
    """
    file, members = await _open(uow, principal, cipher, household_id)
    changed = decide_householder(members, resident_id, former)
    if changed:
        await _write(uow, cipher, principal, _moving(changed, file.facts.code), "householder_changed")


async def split_household(
    *,
    uow: UnitOfWork,
    principal: Principal,
    cipher: FieldCipher,
    household_id: UUID,
    new_number: str,
    unit_codes: tuple[str, ...],
    tenure: Tenure,
    members: Collection[UUID],
    householder_id: UUID,
    moved_in_on: date | None,
) -> UUID:
    """Let some members found a household of their own; return its id.

    Locks/IO: the household's row.
    Errors: ForbiddenError, HouseholdNotFoundError, HouseholdMovedOutError, UnitUnknownError, HouseholdCodeTakenError, NotAMemberError,
    HouseholderLeavesError, MembersIncompleteError.
    """
    file, present = await _open(uow, principal, cipher, household_id)
    await _place(uow, principal, new_number, unit_codes)
    moved = decide_split(present, members, householder_id, new_number)
    facts = HouseholdFacts(new_number, unit_codes, tenure, moved_in_on)
    changes = RollChanges(added_households=[facts], changed_members=_moving(moved, file.facts.code).changed_members)
    return (await _write(uow, cipher, principal, changes, "split"))[new_number]


async def merge_households(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, household_id: UUID, into_id: UUID
) -> None:
    """Let a whole household join another; its own file is closed.

    Locks/IO: both households' rows, the smaller id first.
    Errors: ForbiddenError, HouseholdNotFoundError, HouseholdMovedOutError, MembersIncompleteError for a household and itself.
    """
    if household_id == into_id:
        raise MembersIncompleteError
    opened = {key: await _open(uow, principal, cipher, key) for key in sorted((household_id, into_id))}
    file, members = opened[household_id]
    moved = decide_merge(members, opened[into_id][0].facts.code)
    changes = RollChanges(
        gone_households=[file.facts.code], changed_members=_moving(moved, file.facts.code).changed_members
    )
    await _write(uow, cipher, principal, changes, "merged")


def _moving(members: Mapping[UUID, Member], came_from: str) -> RollChanges:
    return RollChanges(changed_members={key: (member, came_from) for key, member in members.items()})
