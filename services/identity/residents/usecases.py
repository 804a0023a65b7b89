"""What can be done with residents: enter them on the roll, look them up, and find a person who wants to sign in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.identity.audits import usecases as audits
from services.identity.households.domain import reach_of
from services.identity.residents import repository
from services.identity.residents.domain import Family, Home, Member, MemberFacts, ResidentMatch
from services.identity.residents.errors import ResidentNotFoundError
from services.identity.residents.repository import ResidentFilter
from shared.crypto import FieldCipher, mask_identity_number, mask_phone
from shared.kernel.clock import local_date
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

__all__ = [
    "ResidentFilter",
    "change_residents",
    "count_families",
    "describe_members",
    "disclose",
    "find_household_members",
    "find_resident",
    "find_residents_by_phone",
    "get_resident",
    "list_members",
    "list_residents",
    "open_members",
    "settle",
]

DISCLOSED_TO = frozenset({Role.COMMUNITY_ADMIN, Role.GRID_WORKER})
"""Who may see plain numbers: the grid's own worker and the administrator."""
PHONE, IDENTITY_NUMBER = "phone", "identity_number"
"""Purposes of the blind indexes."""


def index_phone(cipher: FieldCipher, phone: str) -> bytes:
    """Return the blind index a phone number is found by."""
    return cipher.blind_index(phone, PHONE)


def index_identity_number(cipher: FieldCipher, number: str) -> bytes:
    """Return the blind index an identity number is found by."""
    return cipher.blind_index(number, IDENTITY_NUMBER)


async def describe_members(*, uow: UnitOfWork) -> dict[UUID, MemberFacts]:
    """Return every active resident, by id."""
    return await repository.load_members(uow.session)


async def change_residents(
    *,
    uow: UnitOfWork,
    cipher: FieldCipher,
    added: Mapping[UUID, Member],
    changed: Mapping[UUID, Member],
    gone: Sequence[UUID],
    homes: Mapping[str, Home],
    reason: str,
) -> None:
    """Enter, rewrite and close residents; `homes` are their households by code.

    Errors: IdentityNumberTakenError, SecondHouseholderError by constraint.
    """
    if gone:
        await repository.close_residents(uow.session, gone, reason, uow.now)
    await repository.update_residents(
        uow.session, [_row(uow, cipher, key, member, homes) for key, member in changed.items()]
    )
    entered = {"community_id": uow.community_id, "status": "active", "created_at": uow.now}
    await repository.insert_residents(
        uow.session, [_row(uow, cipher, key, member, homes) | entered for key, member in added.items()]
    )


async def find_last_homes(*, uow: UnitOfWork, identity_indexes: Sequence[bytes]) -> dict[bytes, UUID]:
    """Return the household each of these people left last, by the index of the identity number.

    IO: one indexed read, when there is somebody to look for.
    """
    return await repository.find_last_homes(uow.session, identity_indexes) if identity_indexes else {}


def _row(uow: UnitOfWork, cipher: FieldCipher, key: UUID, member: Member, homes: Mapping[str, Home]) -> dict[str, Any]:
    facts, phone, number = member.facts, member.phone, member.identity_number
    home = homes[facts.household_code]
    return {
        "id": key,
        "household_id": home.household_id,
        "household_number": home.household_number,
        "grid_id": home.grid_id,
        "building_id": home.building_id,
        "address": home.address,
        "name": facts.name,
        "relation": facts.relation.value,
        "sex": facts.sex.value if facts.sex else None,
        "born_on": facts.born_on,
        # The row's id is part of what is sealed: a number cannot be moved to another person.
        "phone": cipher.encrypt(phone, f"resident.phone:{key}") if phone else None,
        "phone_masked": mask_phone(phone) if phone else None,
        "phone_index": facts.phone_index,
        "identity_number": cipher.encrypt(number, f"resident.identity_number:{key}") if number else None,
        "identity_masked": mask_identity_number(number) if number else None,
        "identity_index": facts.identity_index,
        "is_party_member": facts.is_party_member,
        "is_representative": facts.is_representative,
        "can_act": facts.can_act,
        "updated_at": uow.now,
    }


async def open_members(*, uow: UnitOfWork, cipher: FieldCipher, household_id: UUID) -> dict[UUID, Member]:
    """Return the members of a household with their plain numbers, the householder first, to be written anew."""
    rows = (await repository.members_of(uow.session, [household_id]))[household_id]
    return {row.id: _open(row, cipher) for row in rows}


def _open(row: Any, cipher: FieldCipher) -> Member:
    number, phone = row.identity_number, row.phone
    return Member(
        repository.facts_of(row),
        identity_number=cipher.decrypt(number, f"resident.identity_number:{row.id}") if number else None,
        phone=cipher.decrypt(phone, f"resident.phone:{row.id}") if phone else None,
    )


async def disclose(
    *, uow: UnitOfWork, principal: Principal, cipher: FieldCipher, resident_id: UUID, reason: str
) -> Member:
    """Show the plain name, phone and identity number of a resident to somebody who has to know, and write it down.

    Locks/IO: the audit chain of the community.
    Errors: ForbiddenError, ResidentNotFoundError.
    """
    row = await get_resident(uow=uow, principal=principal, resident_id=resident_id)
    if not principal.has_over(DISCLOSED_TO, ScopeKind.GRID, str(row.grid_id)):
        raise ForbiddenError(required_roles=sorted(DISCLOSED_TO))
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="disclose_resident",
        subject_kind="resident",
        subject_id=resident_id,
        reason=reason,
    )
    return _open(row, cipher)


async def settle(*, uow: UnitOfWork, homes: Sequence[Home]) -> None:
    """Tell residents that the place of their household has another address, building or grid."""
    await repository.settle(uow.session, homes)


async def count_families(*, uow: UnitOfWork, household_ids: Sequence[UUID]) -> dict[UUID, Family]:
    """Return size and householder of households."""
    return await repository.count_families(uow.session, household_ids)


async def list_members(*, uow: UnitOfWork, household_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Any]]:
    """Return the members of households whose visibility was decided before, the householder first."""
    return await repository.members_of(uow.session, household_ids)


async def list_residents(
    *, uow: UnitOfWork, principal: Principal, where: ResidentFilter, page: PageRequest
) -> Slice[Any]:
    """Return a page of the residents the caller may see.

    Errors: CursorInvalidError.
    """
    principal.require_scope("identity:read")
    return await repository.list_residents(
        uow.session, reach_of(principal), where, after=page.after_id(), limit=page.limit
    )


async def get_resident(*, uow: UnitOfWork, principal: Principal, resident_id: UUID) -> Any:
    """Return a resident.

    Errors: ResidentNotFoundError, also for one the caller may not see.
    """
    principal.require_scope("identity:read")
    row = await repository.find_resident(uow.session, reach_of(principal), resident_id)
    if row is None:
        raise ResidentNotFoundError
    return row


async def find_residents_by_phone(*, uow: UnitOfWork, cipher: FieldCipher, phone: str) -> Sequence[ResidentMatch]:
    """Return everybody with this phone number, householders first; as the worker role, in every community."""
    where = repository.RESIDENT.c.phone_index == index_phone(cipher, phone)
    return await repository.match_residents(uow.session, where, local_date(uow.now))


async def find_household_members(*, uow: UnitOfWork, community_id: UUID, household_id: UUID) -> Sequence[ResidentMatch]:
    """Return the members of a household, the householder first."""
    resident = repository.RESIDENT
    where = (resident.c.community_id == community_id) & (resident.c.household_id == household_id)
    return await repository.match_residents(uow.session, where, local_date(uow.now))


async def find_resident(*, uow: UnitOfWork, community_id: UUID, resident_id: UUID) -> ResidentMatch | None:
    """Return a person of the roster, or None when nobody of that id lives here now."""
    resident = repository.RESIDENT
    where = (resident.c.community_id == community_id) & (resident.c.id == resident_id)
    found = await repository.match_residents(uow.session, where, local_date(uow.now))
    return found[0] if found else None
