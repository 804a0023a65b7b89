"""Every statement of the gig market."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.gig_places.domain import OFFICIALS, Gig, GigLine, GigState, Place, PlaceState
from services.points.gig_places.errors import GigNotFoundError, GigPlaceNotFoundError
from services.points.gig_places.models import GigEvent, GigPlaceRow, GigRow
from services.points.help_policies.domain import GigPolicy
from services.points.ledger.domain import TransferKind
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before

IN_HAND = (PlaceState.CLAIMED, PlaceState.DONE, PlaceState.DISPUTED)
"""Places that keep a household busy."""


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which gigs this principal may see: all that were published, and before that its own or those it looks after."""
    allowed = (col(GigRow.state) != GigState.BUDGETED) | watched_by(principal)
    if principal.household_id is not None:  # What the community posts has no household, like some who read it.
        allowed |= col(GigRow.poster_household_id) == principal.household_id
    return allowed


def watched_by(principal: Principal) -> ColumnElement[bool]:
    """Return which gigs this principal looks after: all as an official or supervisor, those of the own grids as a grid worker."""
    if principal.has(*OFFICIALS, Role.SUPERVISOR):
        return true()
    grids = principal.reach_of(Role.GRID_WORKER, ScopeKind.GRID)
    return true() if grids is None else col(GigRow.grid_id).in_([UUID(grid) for grid in grids])


def _gig(row: GigRow) -> Gig:
    return Gig(
        id=row.id,
        title=row.title,
        description=row.description,
        location=row.location,
        grid_id=row.grid_id,
        poster_household_id=row.poster_household_id,
        poster_account_id=row.poster_account_id,
        points=Points(row.points),
        places=row.places,
        free_places=row.free_places,
        photos_required=row.photos_required,
        apply_until=row.apply_until,
        work_from=row.work_from,
        work_until=row.work_until,
        state=GigState(row.state),
        escrow_account_id=row.escrow_account_id,
        policy=GigPolicy(**row.policy),
        reason=row.reason,
        created_at=row.created_at,
    )


def _place(row: GigPlaceRow) -> Place:
    return Place(
        id=row.id,
        gig_id=row.gig_id,
        number=row.number,
        state=PlaceState(row.state),
        escrow_transfer_id=row.escrow_transfer_id,
        worker_household_id=row.worker_household_id,
        worker_account_id=row.worker_account_id,
        worker_name=row.worker_name,
        claimed_at=row.claimed_at,
        checked_in_at=row.checked_in_at,
        done_at=row.done_at,
        photo_ids=tuple(row.photo_ids),
        note=row.note,
        verified_by=row.verified_by,
        reason=row.reason,
        paid_points=row.paid_points,
        refunded_points=row.refunded_points,
        due_at=row.due_at,
    )


async def add(session: AsyncSession, community_id: UUID, gig: Gig, places: Sequence[Place]) -> None:
    """Enter a gig with its places."""
    fields = {name: getattr(gig, name) for name in Gig.__slots__} | {"policy": asdict(gig.policy)}
    session.add(GigRow(community_id=community_id, **fields))
    await session.flush()
    for place in places:
        shares = {name: getattr(place, name) for name in Place.__slots__} | {"photo_ids": []}
        session.add(GigPlaceRow(community_id=community_id, **shares))
    await session.flush()


async def get(session: AsyncSession, principal: Principal, gig_id: UUID, *, for_update: bool = False) -> Gig:
    """Return a gig this principal may see; `for_update` locks its row, which every change of its places takes first.

    Errors: GigNotFoundError.
    """
    statement = (
        select(GigRow).where(col(GigRow.id) == gig_id, visible_to(principal)).execution_options(populate_existing=True)
    )
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise GigNotFoundError
    return _gig(row)


async def get_of_place(
    session: AsyncSession, principal: Principal, place_id: UUID, *, for_update: bool = False
) -> tuple[Gig, Place]:
    """Return a place and its gig; `for_update` locks the gig's row first, then the place's.

    Errors: GigPlaceNotFoundError.
    """
    statement = select(col(GigPlaceRow.gig_id)).where(col(GigPlaceRow.id) == place_id)
    gig_id = (await session.execute(statement)).scalar_one_or_none()
    if gig_id is None:
        raise GigPlaceNotFoundError
    try:
        gig = await get(session, principal, gig_id, for_update=for_update)
    except GigNotFoundError:
        raise GigPlaceNotFoundError from None
    (place,) = [p for p in await list_places(session, gig_id, for_update=for_update) if p.id == place_id]
    return gig, place


async def list_places(session: AsyncSession, gig_id: UUID, *, for_update: bool = False) -> list[Place]:
    """Return the places of a gig by number; `for_update` locks them.

    Whoever changes them holds the gig's row already. The lock is for the one who does not: a worker's name that is being forgotten must not
    be written back.
    """
    statement = (
        select(GigPlaceRow)
        .where(col(GigPlaceRow.gig_id) == gig_id)
        .order_by(col(GigPlaceRow.number))
        .execution_options(populate_existing=True)
    )
    if for_update:
        statement = statement.with_for_update()
    return [_place(row) for row in (await session.execute(statement)).scalars()]


async def list_page(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    state: GigState | None,
    grid_id: UUID | None,
    poster_household_id: UUID | None,
    has_free_places: bool | None,
) -> Slice[Gig]:
    """Return gigs this principal may see, newest first."""
    statement = (
        select(GigRow)
        .where(visible_to(principal))
        .order_by(col(GigRow.created_at).desc(), col(GigRow.id).desc())
        .limit(page.limit + 1)
    )
    if state is not None:
        statement = statement.where(col(GigRow.state) == state)
    if grid_id is not None:
        statement = statement.where(col(GigRow.grid_id) == grid_id)
    if poster_household_id is not None:
        statement = statement.where(col(GigRow.poster_household_id) == poster_household_id)
    if has_free_places is not None:
        free = (col(GigRow.free_places) > 0) & (col(GigRow.state) == GigState.OPEN)
        statement = statement.where(free if has_free_places else ~free)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(GigRow.created_at), col(GigRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_gig(row) for row in rows], page.limit, lambda gig: (gig.created_at, gig.id))


async def list_place_page(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    state: PlaceState | None,
    worker_household_id: UUID | None,
) -> Slice[tuple[Gig, Place]]:
    """Return places with their gigs, newest first: one household's, or those of the gigs this principal looks after."""
    statement = (
        select(GigPlaceRow, GigRow)
        .join(
            GigRow,
            (col(GigRow.community_id) == col(GigPlaceRow.community_id)) & (col(GigRow.id) == col(GigPlaceRow.gig_id)),
        )
        .order_by(col(GigPlaceRow.id).desc())
        .limit(page.limit + 1)
    )
    if worker_household_id is not None:
        statement = statement.where(col(GigPlaceRow.worker_household_id) == worker_household_id)
    else:
        statement = statement.where(watched_by(principal))
    if state is not None:
        statement = statement.where(col(GigPlaceRow.state) == state)
    if (after := page.after_id()) is not None:
        statement = statement.where(col(GigPlaceRow.id) < after)
    rows = [(_gig(gig), _place(place)) for place, gig in (await session.execute(statement)).all()]
    return Slice.cut(rows, page.limit, lambda row: (row[1].id,))


async def list_for_export(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[Gig, Place]]:
    """Return every place of the gigs posted in a span with its gig, oldest first."""
    statement = (
        select(GigRow, GigPlaceRow)
        .join(
            GigPlaceRow,
            (col(GigRow.community_id) == col(GigPlaceRow.community_id)) & (col(GigRow.id) == col(GigPlaceRow.gig_id)),
        )
        .where(col(GigRow.created_at) >= since, col(GigRow.created_at) < until)
        .order_by(col(GigRow.created_at), col(GigRow.id), col(GigPlaceRow.number))
    )
    return [(_gig(gig), _place(place)) for gig, place in (await session.execute(statement)).all()]


async def lock_household(session: AsyncSession, household_id: UUID) -> None:
    """Let one job of a household be counted and taken at a time, whichever gig it belongs to.

    Locks/IO: the household's count, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"gig_worker:{household_id}"}
    )


async def count_in_hand(session: AsyncSession, household_id: UUID) -> int:
    """Return how many jobs a household has in hand."""
    statement = select(func.count()).where(
        col(GigPlaceRow.worker_household_id) == household_id, col(GigPlaceRow.state).in_(IN_HAND)
    )
    return int((await session.execute(statement)).scalar_one())


async def take_free_place(session: AsyncSession, gig_id: UUID) -> bool:
    """Count one free place down and tell whether there was one; of many takers each waits for the one before.

    Locks/IO: the gig's row until the transaction ends.
    """
    statement = (
        update(GigRow)
        .where(col(GigRow.id) == gig_id, col(GigRow.state) == GigState.OPEN, col(GigRow.free_places) > 0)
        .values(free_places=col(GigRow.free_places) - 1)
        .returning(col(GigRow.free_places))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).first() is not None


async def save_gig(session: AsyncSession, gig: Gig) -> None:
    """Write state, free places and reason of a locked gig."""
    await session.execute(
        update(GigRow)
        .where(col(GigRow.id) == gig.id)
        .values(state=gig.state, free_places=gig.free_places, reason=gig.reason)
        .execution_options(synchronize_session=False)
    )


async def save_place(session: AsyncSession, place: Place) -> None:
    """Write what a locked place became.

    Errors: AlreadyTakenError (uq_gig_place_worker).
    """
    kept = {"id", "gig_id", "number", "escrow_transfer_id"}
    values = {name: getattr(place, name) for name in Place.__slots__ if name not in kept}
    await session.execute(
        update(GigPlaceRow)
        .where(col(GigPlaceRow.id) == place.id)
        .values(values | {"photo_ids": list(place.photo_ids)})
        .execution_options(synchronize_session=False)
    )


async def refund_part(
    session: AsyncSession,
    community_id: UUID,
    escrow_transfer_id: UUID,
    *,
    points: Points,
    transfer_id: UUID,
    source_id: UUID,
    summary: str,
    acting_account_id: UUID | None,
    now: datetime,
) -> None:
    """Give a part of what a transfer brought into escrow back to the lots of who paid it.

    Locks/IO: escrow and payer's account by id, lots, arrears.
    Errors: NotReversibleError for more than is there; AlreadyPostedError.
    """
    facts = {"community_id": community_id, "original": escrow_transfer_id, "points": points, "now": now}
    facts |= {"transfer_id": transfer_id, "source_id": source_id, "summary": summary, "actor": acting_account_id}
    await session.execute(
        text(
            "SELECT points.refund_part(:community_id, :original, :points, :kind, :source_id, :summary,"
            " CAST(:actor AS uuid), :transfer_id, :now)"
        ),
        facts | {"kind": TransferKind.GIG_REFUND},
    )


async def add_line(session: AsyncSession, community_id: UUID, gig_id: UUID, line: GigLine) -> None:
    """Write down what happened."""
    fields = {name: getattr(line, name) for name in GigLine.__slots__}
    session.add(GigEvent(community_id=community_id, gig_id=gig_id, **fields))
    await session.flush()


async def list_lines(session: AsyncSession, gig_id: UUID) -> list[GigLine]:
    """Return everything that happened to a gig, oldest first."""
    statement = (
        select(GigEvent).where(col(GigEvent.gig_id) == gig_id).order_by(col(GigEvent.happened_at), col(GigEvent.id))
    )
    rows = (await session.execute(statement)).scalars()
    return [GigLine(**{name: getattr(row, name) for name in GigLine.__slots__}) for row in rows]


async def find_due_gigs(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return gigs nobody may take any more, in all communities, oldest first."""
    statement = (
        select(col(GigRow.community_id), col(GigRow.id))
        .where(col(GigRow.state).in_((GigState.BUDGETED, GigState.OPEN)), col(GigRow.apply_until) <= now)
        .order_by(col(GigRow.apply_until))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_due_places(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return places past a time at which the clock moves them, in all communities, oldest first."""
    statement = (
        select(col(GigPlaceRow.community_id), col(GigPlaceRow.id))
        .where(col(GigPlaceRow.due_at) <= now)
        .order_by(col(GigPlaceRow.due_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def find_gig_for_update(session: AsyncSession, gig_id: UUID) -> Gig | None:
    """Return a gig for the clock and lock it; None when somebody is at it."""
    statement = (
        select(GigRow)
        .where(col(GigRow.id) == gig_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _gig(row)


async def find_gig_id_of_place(session: AsyncSession, place_id: UUID) -> UUID | None:
    """Return which gig a place belongs to."""
    return (
        await session.execute(select(col(GigPlaceRow.gig_id)).where(col(GigPlaceRow.id) == place_id))
    ).scalar_one_or_none()
