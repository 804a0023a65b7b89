"""Remembering which files are there, what pictures look like, and which claims show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.points.claim_photos import repository
from services.points.claim_photos.errors import MinutesNotArrivedError, PhotosNotArrivedError
from services.points.claim_photos.similarity import distance, is_similar
from shared.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Match:
    """A picture that looks like another one, which a claim shows; `bits` of 64 differ, 0 also for the very same picture."""

    photo_id: UUID
    other_photo_id: UUID
    other_claim_id: UUID
    bits: int


async def note_hash(*, uow: UnitOfWork, asset_id: UUID, dhash: int) -> None:
    """Remember what a picture looks like, and which others look like it.

    Idempotency: a picture told again changes nothing.
    """
    await repository.add_hash(uow.session, uow.community_id, asset_id, dhash, uow.now)
    near = await repository.find_candidates(uow.session, dhash)
    alike = [other_id for other_id, other in near if is_similar(dhash, other)]
    await repository.add_matches(uow.session, uow.community_id, asset_id, alike)


async def require_arrived(*, uow: UnitOfWork, photo_ids: Sequence[UUID], required: int) -> None:
    """Pass when media has passed as many of these pictures as are required: an id alone is no picture.

    Errors: PhotosNotArrivedError.
    """
    arrived = len(await repository.find_hashes(uow.session, photo_ids)) if required else 0
    if arrived < required:
        raise PhotosNotArrivedError(required=required, arrived=arrived)


async def note_document(*, uow: UnitOfWork, asset_id: UUID) -> None:
    """Remember that a file that is no picture is there.

    Idempotency: a file told again changes nothing.
    """
    await repository.add_document(uow.session, uow.community_id, asset_id, uow.now)


async def require_minutes(*, uow: UnitOfWork, asset_id: UUID) -> None:
    """Pass when media has passed the minutes of a meeting, photographed or as a file: an id alone is no minutes.

    Errors: MinutesNotArrivedError.
    """
    if not await repository.has_passed(uow.session, asset_id):
        raise MinutesNotArrivedError


async def list_flags(*, uow: UnitOfWork, claim_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return of each claim how many of its photos have not arrived, and how many other claims show a picture like one of them.

    Drafts and what was taken back do not count. `find_similar` says which.
    """
    return await repository.list_flags(uow.session, claim_ids)


async def show_photos(*, uow: UnitOfWork, claim_id: UUID, photo_ids: Sequence[UUID]) -> None:
    """Remember that a claim shows these pictures.

    Idempotency: once per claim and picture.
    """
    await repository.show(uow.session, uow.community_id, claim_id, photo_ids)


async def find_similar(*, uow: UnitOfWork, photo_ids: Sequence[UUID], besides: UUID) -> list[Match]:
    """Return which pictures of other claims look like these, the most similar first.

    A picture media has not passed yet is compared by its id alone.
    """
    hashes = await repository.find_hashes(uow.session, photo_ids)
    bits: dict[tuple[UUID, UUID], int] = {(photo_id, photo_id): 0 for photo_id in photo_ids}
    for photo_id, dhash in hashes.items():
        for other_id, other in await repository.find_candidates(uow.session, dhash):
            if is_similar(dhash, other):
                bits.setdefault((photo_id, other_id), distance(dhash, other))
    shown = await repository.list_claims(uow.session, {other_id for _, other_id in bits})
    matches = [
        Match(photo_id, other_id, claim_id, differ)
        for (photo_id, other_id), differ in bits.items()
        for asset_id, claim_id in shown
        if asset_id == other_id and claim_id != besides
    ]
    return sorted(matches, key=lambda match: (match.bits, match.photo_id, match.other_claim_id, match.other_photo_id))
