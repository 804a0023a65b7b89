"""What can be done with households: look them up, and write a new state of the whole roll at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.identity.households import repository
from services.identity.households.domain import (
    Happening,
    HouseholdFacts,
    HouseholdStatus,
    OpenFile,
    RollChanges,
    Tenure,
    reach_of,
)
from services.identity.households.errors import HouseholdMovedOutError, HouseholdNotFoundError
from services.identity.households.repository import HouseholdFilter
from services.identity.places import usecases as places
from services.identity.places.domain import UnitPlace
from services.identity.residents import usecases as residents
from services.identity.residents.domain import Home, Member, Relation, is_adult
from shared.contracts.events import HouseholdChanged, HouseholdRegistered, ResidentJoined, ResidentLeft
from shared.crypto import FieldCipher, mask_name
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal
from shared.pagination import CursorInvalidError, PageRequest, Slice
from shared.uow import UnitOfWork

__all__ = [
    "HouseholdFilter",
    "change_roll",
    "describe_households",
    "get_household",
    "is_number_taken",
    "list_entries",
    "list_households",
    "open_file",
]


async def describe_households(*, uow: UnitOfWork) -> dict[str, HouseholdFacts]:
    """Return every active household, by code."""
    return await repository.load_households(uow.session)


async def is_number_taken(*, uow: UnitOfWork, number: str) -> bool:
    """Tell whether a household number was ever given.

    Locks/IO: the roll, shared with other single changes.
    """
    await repository.share_roll(uow.session, uow.community_id)
    return number in await repository.household_ids(uow.session)


async def open_file(*, uow: UnitOfWork, household_id: UUID) -> OpenFile:
    """Return an active household to be changed.

    Locks/IO: the roll, shared with other single changes; the household's row.
    Errors: HouseholdNotFoundError, HouseholdMovedOutError.
    """
    await repository.share_roll(uow.session, uow.community_id)
    row = await repository.get_for_update(uow.session, household_id)
    if row is None:
        raise HouseholdNotFoundError
    if row.status != HouseholdStatus.ACTIVE.value:
        raise HouseholdMovedOutError
    units = await repository.units_of(uow.session, household_id)
    liaison = await repository.number_of(uow.session, row.liaison_household_id)
    codes = tuple(unit.unit_code for unit in units)
    facts = HouseholdFacts(row.number, codes, Tenure(row.tenure), row.moved_in_on, liaison)
    return OpenFile(row.id, row.grid_id, facts)


async def change_roll(
    *, uow: UnitOfWork, cipher: FieldCipher, changes: RollChanges, acted_by: UUID, source_id: UUID, reason: str
) -> dict[str, UUID]:
    """Write a new state of the roll and tell the other services; return the ids of households registered just now, by code.

    Locks/IO: about twenty statements, each over all rows of its kind.
    Errors: IdentityNumberTakenError, SecondHouseholderError by constraint.
    """
    known = await repository.household_ids(uow.session)
    new = {facts.code: uow.new_id() for facts in changes.added_households if facts.code not in known}
    ids = known | new
    work = _RollWork(uow, ids, await places.locate_units(uow=uow), acted_by, source_id)
    added = {uow.new_id(): member for member in changes.added_members}

    await _write_households(work, changes, new)
    written = (*changes.added_households, *changes.changed_households, *changes.moved_households)
    await residents.settle(uow=uow, homes=[work.home(facts) for facts in written if facts.code in known])
    homes = {facts.code: work.home(facts) for facts in written}
    members = (*added.values(), *(member for member, _ in changes.changed_members.values()))
    elsewhere = {ids[member.facts.household_code] for member in members if member.facts.household_code not in homes}
    for home in await repository.summarise(uow.session, list(elsewhere)):
        homes[home.number] = Home(home.id, home.number, home.grid_id, home.building_id, home.address)
    await residents.change_residents(
        uow=uow,
        cipher=cipher,
        added=added,
        changed={key: member for key, (member, _) in changes.changed_members.items()},
        gone=list(changes.gone_members),
        homes=homes,
        reason=reason,
    )
    touched = _touched(changes, added, ids)
    await _recount(uow, touched)
    origins = await _returned(uow, new, added.values()) | {
        new[member.facts.household_code]: ids[came_from]
        for member, came_from in changes.changed_members.values()
        if member.facts.household_code in new
    }
    await _tell_households(uow, touched, set(new.values()), origins)
    _tell_members(work, changes, added, reason)
    await repository.insert_entries(uow.session, work.entries)
    return new


async def _returned(uow: UnitOfWork, new: Mapping[str, UUID], added: Collection[Member]) -> dict[UUID, UUID]:
    """Return the households that people of new ones last belonged to: taken off the roll and entered anew, a family is no new one."""
    founders = {
        member.facts.identity_index: new[member.facts.household_code]
        for member in added
        if member.facts.identity_index is not None and member.facts.household_code in new
    }
    homes = await residents.find_last_homes(uow=uow, identity_indexes=list(founders))
    return {founders[index]: household_id for index, household_id in homes.items()}


async def _write_households(work: "_RollWork", changes: RollChanges, new: Mapping[str, UUID]) -> None:
    session = work.uow.session
    returning = [facts for facts in changes.added_households if facts.code not in new]
    fresh = [facts for facts in changes.added_households if facts.code in new]
    rewritten = [*returning, *changes.changed_households, *changes.moved_households]
    await repository.insert_households(session, [work.new_household(facts) for facts in fresh])
    await repository.update_households(session, [work.household(facts) for facts in rewritten])
    links = {work.ids[facts.code]: work.ids[facts.liaison_code] if facts.liaison_code else None for facts in rewritten}
    links |= {work.ids[facts.code]: work.ids[facts.liaison_code] for facts in fresh if facts.liaison_code}
    await repository.link_liaisons(session, links)
    rows = [row for facts in (*fresh, *rewritten) for row in work.units(facts)]
    await repository.replace_units(session, [work.ids[facts.code] for facts in rewritten], rows)
    if changes.gone_households:
        await repository.close_households(session, [work.ids[code] for code in changes.gone_households], work.uow.now)
    for happening, households in (
        (Happening.REGISTERED, fresh),
        (Happening.RETURNED, returning),
        (Happening.CHANGED, changes.changed_households),
    ):
        for facts in households:
            work.note(work.ids[facts.code], happening, units=list(facts.unit_codes))
    for code in changes.gone_households:
        work.note(work.ids[code], Happening.MOVED_OUT)


def _touched(changes: RollChanges, added: Mapping[UUID, Member], ids: Mapping[str, UUID]) -> list[UUID]:
    codes = {
        facts.code for facts in (*changes.added_households, *changes.changed_households, *changes.moved_households)
    }
    codes |= {*changes.gone_households, *changes.gone_members.values()}
    codes |= {member.facts.household_code for member in added.values()}
    for member, came_from in changes.changed_members.values():
        codes |= {member.facts.household_code, came_from}
    return sorted(ids[code] for code in codes)


async def _recount(uow: UnitOfWork, household_ids: Sequence[UUID]) -> None:
    families = await residents.count_families(uow=uow, household_ids=household_ids)
    rows = [
        {"key": key, "size": family.resident_count, "head": family.householder_id, "head_name": family.householder_name}
        for key, family in families.items()
    ]
    await repository.save_families(uow.session, rows, uow.now)


async def _tell_households(
    uow: UnitOfWork, touched: Sequence[UUID], new: set[UUID], origins: Mapping[UUID, UUID]
) -> None:
    for household in await repository.summarise(uow.session, touched):
        facts: dict[str, Any] = {
            "household_id": household.id,
            "household_number": household.number,
            "grid_id": household.grid_id,
            "grid_name": household.grid_name,
            "building_id": household.building_id,
            "building_name": household.building_name,
            "householder_name": mask_name(household.householder_name),
            "area_cm2e2": household.area_cm2e2,
            "resident_count": household.resident_count,
            "address": household.address,
        }
        if household.id in new:
            uow.announce(household.id, HouseholdRegistered(**facts, formed_from_id=origins.get(household.id)))
        else:
            uow.announce(household.id, HouseholdChanged(**facts, status=household.status.value))


def _tell_members(work: "_RollWork", changes: RollChanges, added: Mapping[UUID, Member], reason: str) -> None:
    for key, code in changes.gone_members.items():
        work.leave(key, work.ids[code], reason)
    for key, (member, came_from) in changes.changed_members.items():
        if came_from != member.facts.household_code:
            work.leave(key, work.ids[came_from], "moved")
        work.join(key, member, Happening.MEMBER_CHANGED)
    for key, member in added.items():
        work.join(key, member, Happening.MEMBER_JOINED)


class _RollWork:
    """Turns facts into rows and announcements, and collects the journal."""

    def __init__(
        self,
        uow: UnitOfWork,
        ids: Mapping[str, UUID],
        located: Mapping[str, UnitPlace],
        acted_by: UUID,
        source_id: UUID,
    ) -> None:
        self.uow = uow
        self.ids = ids
        self.entries: list[dict[str, Any]] = []
        self._located = located
        self._acted_by = acted_by
        self._source_id = source_id
        self._today = local_date(uow.now)

    def household(self, facts: HouseholdFacts) -> dict[str, Any]:
        units = [self._located[code] for code in facts.unit_codes]
        place = units[0]
        return {
            "id": self.ids[facts.code],
            "status": HouseholdStatus.ACTIVE.value,
            "tenure": facts.tenure.value,
            "grid_id": place.grid_id,
            "grid_name": place.grid_name,
            "building_id": place.building_id,
            "building_name": place.building_name,
            "address": place.address,
            "area_cm2e2": sum(unit.area for unit in units),
            "moved_in_on": facts.moved_in_on,
            "moved_out_at": None,
        }

    def new_household(self, facts: HouseholdFacts) -> dict[str, Any]:
        now = self.uow.now
        return self.household(facts) | {
            "community_id": self.uow.community_id,
            "number": facts.code,
            "householder_name": "",
            "resident_count": 0,
            "version": 0,
            "created_at": now,
            "updated_at": now,
        }

    def home(self, facts: HouseholdFacts) -> Home:
        place = self._located[facts.unit_codes[0]]
        return Home(self.ids[facts.code], facts.code, place.grid_id, place.building_id, place.address)

    def units(self, facts: HouseholdFacts) -> list[dict[str, Any]]:
        return [
            {
                "community_id": self.uow.community_id,
                "household_id": self.ids[facts.code],
                "unit_id": self._located[code].unit_id,
                "position": position,
                "unit_code": code,
                "area_cm2e2": self._located[code].area,
                "area_source": self._located[code].area_source.value,
                "use": self._located[code].use.value,
                "since": self.uow.now,
            }
            for position, code in enumerate(facts.unit_codes)
        ]

    def note(self, household_id: UUID, happening: Happening, resident_id: UUID | None = None, **facts: Any) -> None:
        self.entries.append(
            {
                "community_id": self.uow.community_id,
                "id": self.uow.new_id(),
                "household_id": household_id,
                "resident_id": resident_id,
                "happening": happening.value,
                "facts": facts,
                "source_id": self._source_id,
                "acting_account_id": self._acted_by,
                "at": self.uow.now,
            }
        )

    def join(self, key: UUID, member: Member, happening: Happening) -> None:
        facts = member.facts
        household_id = self.ids[facts.household_code]
        self.note(household_id, happening, key, name=mask_name(facts.name), relation=facts.relation.value)
        event = ResidentJoined(
            resident_id=key,
            household_id=household_id,
            name=mask_name(facts.name),
            is_householder=facts.relation is Relation.HOUSEHOLDER,
            is_adult=is_adult(facts.born_on, facts.relation, self._today),
            is_party_member=facts.is_party_member,
            is_representative=facts.is_representative,
        )
        self.uow.announce(household_id, event)

    def leave(self, key: UUID, household_id: UUID, reason: str) -> None:
        self.note(household_id, Happening.MEMBER_LEFT, key, reason=reason)
        self.uow.announce(household_id, ResidentLeft(resident_id=key, household_id=household_id, reason=reason))


async def list_households(
    *, uow: UnitOfWork, principal: Principal, where: HouseholdFilter, page: PageRequest
) -> Slice[Any]:
    """Return a page of the households the caller may see.

    Errors: CursorInvalidError.
    """
    principal.require_scope("identity:read")
    after: tuple[str, UUID] | None = None
    if page.after is not None:
        try:
            number, row_id = page.after
            after = number, UUID(row_id)
        except ValueError:
            raise CursorInvalidError from None
    return await repository.list_households(uow.session, reach_of(principal), where, after=after, limit=page.limit)


async def get_household(*, uow: UnitOfWork, principal: Principal, household_id: UUID) -> tuple[Any, Sequence[Any]]:
    """Return a household with its property units.

    Errors: HouseholdNotFoundError, also for one the caller may not see.
    """
    principal.require_scope("identity:read")
    row = await repository.find_household(uow.session, reach_of(principal), household_id)
    if row is None:
        raise HouseholdNotFoundError
    return row, await repository.units_of(uow.session, household_id)


async def list_entries(*, uow: UnitOfWork, principal: Principal, household_id: UUID, page: PageRequest) -> Slice[Any]:
    """Return a page of a household's journal, newest first.

    Errors: HouseholdNotFoundError, CursorInvalidError.
    """
    await get_household(uow=uow, principal=principal, household_id=household_id)
    return await repository.list_entries(uow.session, household_id, after=page.after_id(), limit=page.limit)
