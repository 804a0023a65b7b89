"""Every statement of adoptions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.adoptions.domain import (
    CARING,
    LIVE,
    AdopterKind,
    Adoption,
    Asset,
    AssetKind,
    AssetState,
    State,
)
from services.points.adoptions.errors import AdoptionNotFoundError, AssetNotFoundError
from services.points.adoptions.models import AdoptionRow, AssetRow
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.pagination import PageRequest, Slice, before

WATCHERS = (Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN, Role.SUPERVISOR)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which adoptions this principal may see.

    Those in force and its own; all for those who agree and watch; for a grid worker also those of things in the own grid or in none.
    """
    if principal.has(*WATCHERS):
        return true()
    allowed = or_(col(AdoptionRow.state).in_(CARING), col(AdoptionRow.account_id) == principal.account_id)
    if principal.household_id is not None:  # Firms have no household, and neither has who works for the community.
        allowed |= col(AdoptionRow.household_id) == principal.household_id
    grids = principal.reach_of(Role.GRID_WORKER, ScopeKind.GRID)
    if grids is None:
        return true()
    if principal.has(Role.GRID_WORKER):
        allowed |= exists().where(
            col(AssetRow.community_id) == col(AdoptionRow.community_id),
            col(AssetRow.id) == col(AdoptionRow.asset_id),
            or_(col(AssetRow.grid_id).is_(None), col(AssetRow.grid_id).in_([UUID(grid) for grid in grids])),
        )
    return allowed


def _asset(row: AssetRow) -> Asset:
    fields = {name: getattr(row, name) for name in Asset.__slots__}
    return Asset(**fields | {"kind": AssetKind(row.kind), "state": AssetState(row.state)})


def _adoption(row: AdoptionRow) -> Adoption:
    fields = {name: getattr(row, name) for name in Adoption.__slots__}
    return Adoption(**fields | {"adopter_kind": AdopterKind(row.adopter_kind), "state": State(row.state)})


async def add_asset(session: AsyncSession, community_id: UUID, asset: Asset) -> None:
    """Enter a thing that can be adopted."""
    session.add(AssetRow(community_id=community_id, **{n: getattr(asset, n) for n in Asset.__slots__}))
    await session.flush()


async def get_asset(session: AsyncSession, asset_id: UUID, *, for_update: bool = False) -> Asset:
    """Return a thing; `for_update` locks its row.

    Errors: AssetNotFoundError.
    """
    statement = select(AssetRow).where(col(AssetRow.id) == asset_id)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise AssetNotFoundError
    return _asset(row)


async def retire_asset(session: AsyncSession, asset_id: UUID) -> None:
    """Write that a locked thing is not offered any more."""
    await session.execute(
        update(AssetRow)
        .where(col(AssetRow.id) == asset_id)
        .values(state=AssetState.RETIRED)
        .execution_options(synchronize_session=False)
    )


async def list_assets(
    session: AsyncSession, page: PageRequest, *, kind: AssetKind | None, is_free: bool | None
) -> Slice[tuple[Asset, Adoption | None]]:
    """Return things on offer or adopted with who has them now, newest first; retired ones are left out."""
    statement = (
        select(AssetRow, AdoptionRow)
        .outerjoin(
            AdoptionRow,
            and_(
                col(AdoptionRow.community_id) == col(AssetRow.community_id),
                col(AdoptionRow.asset_id) == col(AssetRow.id),
                col(AdoptionRow.state).in_(LIVE),
            ),
        )
        .where(col(AssetRow.state) == AssetState.OFFERED)
        .order_by(col(AssetRow.created_at).desc(), col(AssetRow.id).desc())
        .limit(page.limit + 1)
    )
    if kind is not None:
        statement = statement.where(col(AssetRow.kind) == kind)
    if is_free is not None:
        statement = statement.where(col(AdoptionRow.id).is_(None) if is_free else col(AdoptionRow.id).is_not(None))
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(AssetRow.created_at), col(AssetRow.id)], after))
    found: Sequence[Any] = (await session.execute(statement)).all()
    rows = [(_asset(asset), None if adoption is None else _adoption(adoption)) for asset, adoption in found]
    return Slice.cut(rows, page.limit, lambda r: (r[0].created_at, r[0].id))


async def find_live(session: AsyncSession, asset_id: UUID) -> Adoption | None:
    """Return the adoption that holds a thing now, or None when it is free."""
    statement = select(AdoptionRow).where(col(AdoptionRow.asset_id) == asset_id, col(AdoptionRow.state).in_(LIVE))
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _adoption(row)


async def add(session: AsyncSession, community_id: UUID, adoption: Adoption) -> None:
    """Enter an adoption.

    Errors: AlreadyAdoptedError (uq_adoption_live).
    """
    session.add(AdoptionRow(community_id=community_id, **{n: getattr(adoption, n) for n in Adoption.__slots__}))
    await session.flush()


async def get(session: AsyncSession, principal: Principal, adoption_id: UUID, *, for_update: bool = False) -> Adoption:
    """Return an adoption this principal may see; `for_update` locks its row.

    Errors: AdoptionNotFoundError.
    """
    statement = select(AdoptionRow).where(col(AdoptionRow.id) == adoption_id, visible_to(principal))
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise AdoptionNotFoundError
    return _adoption(row)


async def save(session: AsyncSession, adoption_id: UUID, **changed: Any) -> None:
    """Write what a locked adoption became."""
    await session.execute(
        update(AdoptionRow)
        .where(col(AdoptionRow.id) == adoption_id)
        .values(**changed)
        .execution_options(synchronize_session=False)
    )


async def list_page(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    state: State | None,
    asset_id: UUID | None,
    household_id: UUID | None,
) -> Slice[Adoption]:
    """Return adoptions this principal may see, newest first."""
    statement = (
        select(AdoptionRow)
        .where(visible_to(principal))
        .order_by(col(AdoptionRow.created_at).desc(), col(AdoptionRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(AdoptionRow.state) == state)
    if asset_id is not None:
        statement = statement.where(col(AdoptionRow.asset_id) == asset_id)
    if household_id is not None:
        statement = statement.where(col(AdoptionRow.household_id) == household_id)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(AdoptionRow.created_at), col(AdoptionRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_adoption(row) for row in rows], page.limit, lambda r: (r.created_at, r.id))


async def list_all(session: AsyncSession, principal: Principal) -> Sequence[Adoption]:
    """Return every adoption this principal may see, newest first."""
    newest_first = (col(AdoptionRow.created_at).desc(), col(AdoptionRow.id).desc())
    statement = select(AdoptionRow).where(visible_to(principal)).order_by(*newest_first)
    return [_adoption(row) for row in (await session.execute(statement)).scalars()]


async def has_caring(session: AsyncSession, household_id: UUID) -> bool:
    """Tell whether a household looks after an adopted thing now."""
    statement = select(
        exists().where(col(AdoptionRow.household_id) == household_id, col(AdoptionRow.state).in_(CARING))
    )
    return bool((await session.execute(statement)).scalar_one())


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return adoptions of all communities whose signature is overdue or whose term is over, oldest first."""
    statement = (
        select(col(AdoptionRow.community_id), col(AdoptionRow.id))
        .where(col(AdoptionRow.state).in_((State.AGREED, *CARING)), col(AdoptionRow.deadline_at) <= now)
        .order_by(col(AdoptionRow.deadline_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_overdue(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return adoptions of all communities whose care is overdue and not told of in this interval, oldest first."""
    statement = (
        select(col(AdoptionRow.community_id), col(AdoptionRow.id))
        .where(col(AdoptionRow.state).in_(CARING), col(AdoptionRow.remind_at) <= now)
        .order_by(col(AdoptionRow.remind_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_locked(session: AsyncSession, adoption_id: UUID) -> Adoption | None:
    """Return an adoption and lock it; None when somebody is at it."""
    statement = select(AdoptionRow).where(col(AdoptionRow.id) == adoption_id).with_for_update(skip_locked=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _adoption(row)
