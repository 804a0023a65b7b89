"""Every statement of claim photos."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import exists, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.claim_photos.models import ClaimPhoto, PassedDocument, PhotoBand, PhotoHashRow, PhotoMatch
from services.points.claim_photos.similarity import bands, probes, signed, unsigned

FLAGS: Final = """
    SELECT k.id,
        (SELECT count(*) FROM unnest(k.photo_ids) AS p (asset_id) WHERE NOT EXISTS (
            SELECT 1 FROM points.photo_hash h WHERE h.community_id = k.community_id AND h.asset_id = p.asset_id)) AS photos_missing,
        (SELECT count(DISTINCT o.claim_id) FROM unnest(k.photo_ids) AS p (asset_id)
            CROSS JOIN LATERAL (
                SELECT p.asset_id UNION ALL
                SELECT m.other_asset_id FROM points.photo_match m WHERE m.community_id = k.community_id AND m.asset_id = p.asset_id
            ) AS like_it
            JOIN points.claim_photo o ON o.community_id = k.community_id AND o.asset_id = like_it.asset_id AND o.claim_id <> k.id
            JOIN points.claim c ON c.community_id = o.community_id AND c.id = o.claim_id AND c.state NOT IN ('draft', 'withdrawn')
        ) AS look_alikes
    FROM points.claim k WHERE k.id = ANY (CAST(:claims AS uuid[]))
"""


async def add_hash(session: AsyncSession, community_id: UUID, asset_id: UUID, dhash: int, now: datetime) -> None:
    """Note a picture's hash; one told again changes nothing."""
    row = {"community_id": community_id, "asset_id": asset_id}
    await session.execute(
        insert(PhotoHashRow).values(**row, dhash=signed(dhash), heard_at=now).on_conflict_do_nothing()
    )
    await session.execute(
        insert(PhotoBand).values([row | {"band": band} for band in bands(dhash)]).on_conflict_do_nothing()
    )


async def add_document(session: AsyncSession, community_id: UUID, asset_id: UUID, now: datetime) -> None:
    """Note that a file without a hash is there; one told again changes nothing."""
    row = insert(PassedDocument).values(community_id=community_id, asset_id=asset_id, heard_at=now)
    await session.execute(row.on_conflict_do_nothing())


async def has_passed(session: AsyncSession, asset_id: UUID) -> bool:
    """Tell whether media has passed a file, a picture or another."""
    document = exists().where(col(PassedDocument.asset_id) == asset_id)
    picture = exists().where(col(PhotoHashRow.asset_id) == asset_id)
    return bool((await session.execute(select(or_(document, picture)))).scalar_one())


async def add_matches(session: AsyncSession, community_id: UUID, asset_id: UUID, others: Iterable[UUID]) -> None:
    """Note that a picture looks like others."""
    pairs = [(asset_id, other) for other in others if other != asset_id]
    rows = [
        {"community_id": community_id, "asset_id": one, "other_asset_id": other}
        for pair in pairs
        for one, other in (pair, pair[::-1])
    ]
    if rows:
        await session.execute(insert(PhotoMatch).values(rows).on_conflict_do_nothing())


async def list_flags(session: AsyncSession, claim_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return of each claim how many of its photos media has not passed, and how many other claims show a picture like one of them."""
    rows = await session.execute(text(FLAGS), {"claims": list(claim_ids)})
    return {row.id: (row.photos_missing, row.look_alikes) for row in rows.all()}


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
