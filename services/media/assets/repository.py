"""Every statement about assets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, insert, or_, select, tuple_, update
from sqlmodel import col

from services.media.assets.domain import REVIEWER_ROLES, Asset, AssetState, Verdict
from services.media.assets.errors import AssetNotFoundError
from services.media.assets.models import AssetRow, VerdictRow
from services.media.assets.sniffing import MediaType
from shared.pagination import PageRequest, Slice, before

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from shared.kernel.principal import Principal

_WRAP = 2**64
_COLUMNS = [column for column in AssetRow.__table__.columns if column.name not in {"erased_at", "check_trace_id"}]  # type: ignore[attr-defined]  # SQLModel hides it.


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which rows the caller may know of; says in SQL what `domain.can_see` says of one asset."""
    is_not_deleted = col(AssetRow.state) != AssetState.DELETED
    if principal.has(*REVIEWER_ROLES):
        return is_not_deleted
    return and_(
        is_not_deleted,
        or_(col(AssetRow.state) == AssetState.PASS, col(AssetRow.owner_account_id) == principal.account_id),
    )


async def add(session: AsyncSession, asset: Asset) -> None:
    """Insert an asset."""
    await session.execute(insert(AssetRow).values(_values(asset)))


async def save(session: AsyncSession, asset: Asset) -> None:
    """Write what can change of an asset: its state and when it was decided and deleted."""
    await session.execute(
        update(AssetRow)
        .where(col(AssetRow.community_id) == asset.community_id, col(AssetRow.id) == asset.id)
        .values(state=asset.state.value, decided_at=asset.decided_at, deleted_at=asset.deleted_at)
    )


async def add_verdict(session: AsyncSession, community_id: UUID, verdict: Verdict) -> None:
    """Insert a decision."""
    await session.execute(
        insert(VerdictRow).values(
            community_id=community_id,
            id=verdict.id,
            asset_id=verdict.asset_id,
            action=verdict.action.value,
            account_id=verdict.account_id,
            reason=verdict.reason,
            decided_at=verdict.decided_at,
        )
    )


async def get(session: AsyncSession, community_id: UUID, asset_id: UUID) -> Asset:
    """Return an asset, deleted ones included.

    Errors: AssetNotFoundError.
    """
    return _one(await session.execute(_select(community_id, asset_id)))


async def get_for_update(session: AsyncSession, community_id: UUID, asset_id: UUID) -> Asset:
    """Return an asset and lock its row.

    Errors: AssetNotFoundError.
    """
    return _one(await session.execute(_select(community_id, asset_id).with_for_update()))


async def find_pending_for_update(
    session: AsyncSession, community_id: UUID, asset_id: UUID, due_by: datetime
) -> Asset | None:
    """Return an asset whose check is overdue and lock its row; None when it was decided or somebody is at it."""
    statement = _select(community_id, asset_id).where(
        col(AssetRow.state) == AssetState.PENDING, col(AssetRow.check_due_at) <= due_by
    )
    row = (await session.execute(statement.with_for_update(skip_locked=True))).first()
    return None if row is None else _asset(row)


async def list_assets(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    state: AssetState | None = None,
    owner_account_id: UUID | None = None,
) -> Slice[Asset]:
    """List what the caller may see, newest first."""
    statement = select(*_COLUMNS).where(col(AssetRow.community_id) == principal.community_id, visible_to(principal))
    if state is not None:
        statement = statement.where(col(AssetRow.state) == state.value)
    if owner_account_id is not None:
        statement = statement.where(col(AssetRow.owner_account_id) == owner_account_id)
    if (after := page.after_id()) is not None:
        statement = statement.where(before([col(AssetRow.id)], [after]))
    rows = (await session.execute(statement.order_by(col(AssetRow.id).desc()).limit(page.limit + 1))).all()
    return Slice.cut(rows, page.limit, lambda row: (row.id,)).map(_asset)


async def list_overdue_checks(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, asset) of checks whose time is up, oldest first. Called as the worker role."""
    statement = (
        select(col(AssetRow.community_id), col(AssetRow.id))
        .where(col(AssetRow.state) == AssetState.PENDING, col(AssetRow.check_due_at) <= now)
        .order_by(col(AssetRow.check_due_at))
        .limit(limit)
    )
    return [(row.community_id, row.id) for row in await session.execute(statement)]


async def list_unasked(session: AsyncSession, limit: int) -> Sequence[Asset]:
    """Return pictures whose check WeChat has not been asked for, oldest deadline first. Called as the worker role."""
    pictures = [media_type.value for media_type in MediaType if media_type.is_picture]
    statement = (
        select(*_COLUMNS)
        .where(
            col(AssetRow.state) == AssetState.PENDING,
            col(AssetRow.check_trace_id).is_(None),
            col(AssetRow.original_media_type).in_(pictures),
        )
        .order_by(col(AssetRow.check_due_at))
        .limit(limit)
    )
    return [_asset(row) for row in await session.execute(statement)]


async def note_asked(session: AsyncSession, community_id: UUID, asset_id: UUID, trace_id: str) -> None:
    """Note under which name WeChat checks an asset."""
    await session.execute(
        update(AssetRow)
        .where(col(AssetRow.community_id) == community_id, col(AssetRow.id) == asset_id)
        .values(check_trace_id=trace_id)
    )


async def find_by_trace(session: AsyncSession, trace_id: str) -> tuple[UUID, UUID] | None:
    """Return (community, asset) of a check. Called as the worker role: WeChat does not know communities."""
    statement = select(col(AssetRow.community_id), col(AssetRow.id)).where(col(AssetRow.check_trace_id) == trace_id)
    row = (await session.execute(statement)).first()
    return None if row is None else (row.community_id, row.id)


async def list_to_erase(session: AsyncSession, deleted_by: datetime, limit: int) -> Sequence[Asset]:
    """Return deleted assets whose bytes are still stored, oldest first. Called as the worker role."""
    statement = (
        select(*_COLUMNS)
        .where(col(AssetRow.deleted_at) <= deleted_by, col(AssetRow.erased_at).is_(None))
        .order_by(col(AssetRow.deleted_at))
        .limit(limit)
    )
    return [_asset(row) for row in await session.execute(statement)]


async def mark_erased(session: AsyncSession, community_id: UUID, asset_id: UUID, now: datetime) -> None:
    """Note that nothing of a deleted asset is stored any more."""
    await session.execute(
        update(AssetRow)
        .where(col(AssetRow.community_id) == community_id, col(AssetRow.id) == asset_id)
        .values(erased_at=now)
    )


async def find_known(session: AsyncSession, ids: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return which of the (community, asset) pairs have a row. Called as the worker role."""
    key = tuple_(col(AssetRow.community_id), col(AssetRow.id))
    rows = await session.execute(select(col(AssetRow.community_id), col(AssetRow.id)).where(key.in_(list(ids))))
    return {(row.community_id, row.id) for row in rows}


def _select(community_id: UUID, asset_id: UUID) -> Any:
    return select(*_COLUMNS).where(col(AssetRow.community_id) == community_id, col(AssetRow.id) == asset_id)


def _one(result: Any) -> Asset:
    row = result.first()
    if row is None:
        raise AssetNotFoundError
    return _asset(row)


def _values(asset: Asset) -> dict[str, Any]:
    # The hash has 64 bits without sign, the column 64 with one.
    dhash = asset.dhash if asset.dhash is None or asset.dhash < _WRAP // 2 else asset.dhash - _WRAP
    return {
        "community_id": asset.community_id,
        "id": asset.id,
        "owner_account_id": asset.owner_account_id,
        "state": asset.state.value,
        "media_type": asset.media_type.value,
        "original_media_type": asset.original_media_type.value,
        "original_sha256": asset.original_sha256,
        "original_bytes": asset.original_bytes,
        "public_bytes": asset.public_bytes,
        "width_px": asset.width_px,
        "height_px": asset.height_px,
        "dhash": dhash,
        "uploaded_at": asset.uploaded_at,
        "check_due_at": asset.check_due_at,
        "decided_at": asset.decided_at,
        "deleted_at": asset.deleted_at,
    }


def _asset(row: Any) -> Asset:
    return Asset(
        id=row.id,
        community_id=row.community_id,
        owner_account_id=row.owner_account_id,
        media_type=MediaType(row.media_type),
        state=AssetState(row.state),
        original_media_type=MediaType(row.original_media_type),
        original_sha256=row.original_sha256,
        original_bytes=row.original_bytes,
        public_bytes=row.public_bytes,
        width_px=row.width_px,
        height_px=row.height_px,
        dhash=None if row.dhash is None else row.dhash % _WRAP,
        uploaded_at=row.uploaded_at,
        check_due_at=row.check_due_at,
        decided_at=row.decided_at,
        deleted_at=row.deleted_at,
    )
