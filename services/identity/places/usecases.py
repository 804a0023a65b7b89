"""What can be done with places. They are written by the roster import and read by everyone who belongs to the community."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.identity.places import repository
from services.identity.places.domain import PlaceChanges, Places, UnitPlace
from shared.kernel.principal import Principal
from shared.pagination import CursorInvalidError, PageRequest, Slice
from shared.uow import UnitOfWork


async def describe_places(*, uow: UnitOfWork) -> Places:
    """Return every place in use, by code."""
    return await repository.load_places(uow.session)


async def locate_units(*, uow: UnitOfWork) -> dict[str, UnitPlace]:
    """Return where every property unit in use is, by code."""
    return await repository.locate_units(uow.session)


async def has_place(*, uow: UnitOfWork, grid_id: UUID | None = None, building_id: UUID | None = None) -> bool:
    """Tell whether the grid and the building named are in use in this community."""
    return all(
        [
            await repository.has_place(uow.session, table, place_id)
            for table, place_id in ((repository.GRID, grid_id), (repository.BUILDING, building_id))
            if place_id is not None
        ]
    )


async def change_places(*, uow: UnitOfWork, changes: PlaceChanges) -> None:
    """Write added and changed places and retire those that are gone.

    Idempotency: the same changes again change nothing.
    """
    session, community_id, now = uow.session, uow.community_id, uow.now
    await repository.save_grids(session, community_id, changes.grids, now, uow.new_id)
    await repository.save_buildings(session, community_id, changes.buildings, now, uow.new_id)
    await repository.save_units(session, community_id, changes.units, now, uow.new_id)
    for table, codes in (
        (repository.UNIT, changes.gone_units),
        (repository.BUILDING, changes.gone_buildings),
        (repository.GRID, changes.gone_grids),
    ):
        if codes:
            await repository.retire(session, table, codes, now)


async def list_grids(*, uow: UnitOfWork, principal: Principal) -> Sequence[Any]:
    """Return all grids in use with their number of buildings."""
    principal.require_scope("identity:read")
    return await repository.list_grids(uow.session)


async def list_buildings(
    *, uow: UnitOfWork, principal: Principal, grid_id: UUID | None, page: PageRequest
) -> Slice[Any]:
    """Return a page of buildings, of one grid when named.

    Errors: CursorInvalidError.
    """
    principal.require_scope("identity:read")
    return await repository.list_buildings(uow.session, grid_id=grid_id, after=_after_code(page), limit=page.limit)


async def list_units(
    *, uow: UnitOfWork, principal: Principal, building_id: UUID | None, page: PageRequest
) -> Slice[Any]:
    """Return a page of property units, of one building when named.

    Errors: CursorInvalidError.
    """
    principal.require_scope("identity:read")
    return await repository.list_units(uow.session, building_id=building_id, after=_after_code(page), limit=page.limit)


def _after_code(page: PageRequest) -> tuple[str, UUID] | None:
    if page.after is None:
        return None
    try:
        code, row_id = page.after
        return code, UUID(row_id)
    except ValueError:
        raise CursorInvalidError from None
