"""Every statement of claim photos."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.claim_photos.models import ClaimPhoto, PhotoBand, PhotoHashRow
from services.points.claim_photos.similarity import bands, probes, signed, unsigned


async def add_hash(session: AsyncSession, community_id: UUID, asset_id: UUID, dhash: int, now: datetime) -> None:
    """Note a picture's hash; one told again changes nothing."""
    row = {"community_id": community_id, "asset_id": asset_id}
    await session.execute(
        insert(PhotoHashRow).values(**row, dhash=signed(dhash), heard_at=now).on_conflict_do_nothing()
    )
    await session.execute(
        insert(PhotoBand).values([row | {"band": band} for band in bands(dhash)]).on_conflict_do_nothing()
    )


async def show(session: AsyncSession, community_id: UUID, claim_id: UUID, asset_ids: Sequence[UUID]) -> None:
    """Note that a claim shows these pictures."""
    rows = [{"community_id": community_id, "claim_id": claim_id, "asset_id": asset_id} for asset_id in asset_ids]
    if rows:
        await session.execute(insert(ClaimPhoto).values(rows).on_conflict_do_nothing())


async def find_hashes(session: AsyncSession, asset_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the hashes known of these pictures."""
    statement = select(col(PhotoHashRow.asset_id), col(PhotoHashRow.dhash)).where(
        col(PhotoHashRow.asset_id).in_(asset_ids)
    )
    return {asset_id: unsigned(kept) for asset_id, kept in (await session.execute(statement)).all()}


async def find_candidates(session: AsyncSession, dhash: int) -> list[tuple[UUID, int]]:
    """Return pictures whose hash shares a band, nearly, with this one: all similar ones and some others."""
    near = select(col(PhotoBand.asset_id)).where(col(PhotoBand.band).in_(probes(dhash))).distinct()
    statement = select(col(PhotoHashRow.asset_id), col(PhotoHashRow.dhash)).where(col(PhotoHashRow.asset_id).in_(near))
    return [(asset_id, unsigned(kept)) for asset_id, kept in (await session.execute(statement)).all()]


async def list_claims(session: AsyncSession, asset_ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """Return (picture, claim) for every claim that shows one of these pictures."""
    statement = select(col(ClaimPhoto.asset_id), col(ClaimPhoto.claim_id)).where(
        col(ClaimPhoto.asset_id).in_(list(asset_ids))
    )
    return [(asset_id, claim_id) for asset_id, claim_id in (await session.execute(statement)).all()]
