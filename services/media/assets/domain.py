"""Assets: their life from upload to deletion, who may see them and who may decide about them.

Source: a WeChat mini-program must have user content checked (`media_check_async`, answer within 30 minutes); platform.md §2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from services.media.assets.errors import AssetNotFoundError, NotOwnerError
from services.media.assets.movies import clean_movie
from services.media.assets.signed_links import Rendition
from services.media.assets.sniffing import MediaType, require_size, sniff
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded

if TYPE_CHECKING:
    from services.media.assets.images import PictureLimits

CHECK_TIME_LIMIT = timedelta(minutes=35)
"""WeChat promises its answer within 30 minutes; five more for the way. Then a person looks."""

ERASE_AFTER = timedelta(days=7)
"""How long the bytes of a deleted file are still there, so that a slip can be mended by the operator."""

REVIEWER_ROLES = (Role.COMMUNITY_ADMIN, Role.GRID_WORKER, Role.SUPERVISOR)


class AssetState(Worded):
    PENDING = "pending", "等待检查"
    PASS = "pass", "已通过"
    REVIEW = "review", "等待人工查看"
    RISKY = "risky", "未通过"
    DELETED = "deleted", "已删除"


class AssetAction(Worded):
    CHECK_PASSED = "check_passed", "自动检查通过"
    CHECK_DOUBTED = "check_doubted", "转人工查看"
    CHECK_FAILED = "check_failed", "自动检查不通过"
    TIME_OUT = "time_out", "等待超时"
    APPROVE = "approve", "通过"
    REJECT = "reject", "不通过"
    DELETE = "delete", "删除"


class AssetActor(StrEnum):
    OWNER = "owner"
    REVIEWER = "reviewer"
    CHECKER = "checker"
    CLOCK = "clock"


LIFE: StateMachine[AssetState, AssetAction, AssetActor] = StateMachine(
    transitions={
        (AssetState.PENDING, AssetAction.CHECK_PASSED): AssetState.PASS,
        (AssetState.PENDING, AssetAction.CHECK_DOUBTED): AssetState.REVIEW,
        (AssetState.PENDING, AssetAction.CHECK_FAILED): AssetState.RISKY,
        (AssetState.PENDING, AssetAction.TIME_OUT): AssetState.REVIEW,
        (AssetState.PENDING, AssetAction.APPROVE): AssetState.PASS,
        (AssetState.PENDING, AssetAction.REJECT): AssetState.RISKY,
        (AssetState.PENDING, AssetAction.DELETE): AssetState.DELETED,
        # The answer of the check may come after its time was up and before a person looked.
        (AssetState.REVIEW, AssetAction.CHECK_PASSED): AssetState.PASS,
        (AssetState.REVIEW, AssetAction.CHECK_FAILED): AssetState.RISKY,
        (AssetState.REVIEW, AssetAction.APPROVE): AssetState.PASS,
        (AssetState.REVIEW, AssetAction.REJECT): AssetState.RISKY,
        (AssetState.REVIEW, AssetAction.DELETE): AssetState.DELETED,
        # A neighbour may report what the machine let through.
        (AssetState.PASS, AssetAction.REJECT): AssetState.RISKY,
        (AssetState.PASS, AssetAction.DELETE): AssetState.DELETED,
        (AssetState.RISKY, AssetAction.APPROVE): AssetState.PASS,
        (AssetState.RISKY, AssetAction.DELETE): AssetState.DELETED,
    },
    actors={
        AssetAction.CHECK_PASSED: frozenset({AssetActor.CHECKER}),
        AssetAction.CHECK_DOUBTED: frozenset({AssetActor.CHECKER}),
        AssetAction.CHECK_FAILED: frozenset({AssetActor.CHECKER}),
        AssetAction.TIME_OUT: frozenset({AssetActor.CLOCK}),
        AssetAction.APPROVE: frozenset({AssetActor.REVIEWER}),
        AssetAction.REJECT: frozenset({AssetActor.REVIEWER}),
        AssetAction.DELETE: frozenset({AssetActor.OWNER}),
    },
)


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file as it is kept: the copies others may see and what is remembered of the original, which is not kept.

    `original_sha256` in hex; sizes in bytes; `dhash`, width and height for pictures only, in pixels of the public copy.
    """

    media_type: MediaType
    original_sha256: str
    original_bytes: int
    renditions: dict[Rendition, bytes]
    width_px: int | None = None
    height_px: int | None = None
    dhash: int | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """One uploaded file. `media_type` is that of the public copy: every picture becomes a JPEG."""

    id: UUID
    community_id: UUID
    owner_account_id: UUID
    media_type: MediaType
    state: AssetState
    original_media_type: MediaType
    original_sha256: str
    original_bytes: int
    public_bytes: int
    width_px: int | None
    height_px: int | None
    dhash: int | None
    uploaded_at: datetime
    check_due_at: datetime
    decided_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """The copies that exist of it."""
        return tuple(Rendition) if self.original_media_type.is_picture else (Rendition.PUBLIC,)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about an asset, by whom and why; `account_id` is None for the check and the clock."""

    id: UUID
    asset_id: UUID
    action: AssetAction
    account_id: UUID | None
    reason: str
    decided_at: datetime


def object_key(community_id: UUID, asset_id: UUID, rendition: Rendition) -> str:
    """Return under which name a copy is stored: by day, so that a day's leavings can be found without listing everything.

    The day is read from the id itself: the first 48 bits of a UUIDv7 are milliseconds since 1970.
    """
    day = datetime.fromtimestamp((asset_id.int >> 80) / 1000, UTC).date()
    return f"{day.isoformat()}/{community_id}/{asset_id}/{rendition}"


def parse_object_key(key: str) -> tuple[UUID, UUID] | None:
    """Return community and asset of a stored name, or None for a name `object_key` did not write."""
    parts = key.split("/")
    if len(parts) != 4:
        return None
    try:
        return UUID(parts[1]), UUID(parts[2])
    except ValueError:
        return None


def clean_file(data: bytes, limits: PictureLimits | None = None) -> CleanFile:
    """Turn uploaded bytes into what may be kept of them. Costs up to a second of CPU: call it in a thread.

    Errors: EmptyFileError, FileTooLargeError, UnsupportedTypeError, UnreadableFileError, PictureTooLargeError.
    """
    require_size(len(data))
    media_type = sniff(data)
    digest = sha256(data).hexdigest()
    if media_type.is_picture:
        # The decoders are large; a process that sees no picture does without.
        from services.media.assets.images import clean_picture

        picture = clean_picture(data, media_type, limits)
        copies = {
            Rendition.PUBLIC: picture.public,
            Rendition.MEDIUM: picture.medium,
            Rendition.SMALL: picture.small,
        }
        return CleanFile(media_type, digest, len(data), copies, picture.width_px, picture.height_px, picture.dhash)
    public = clean_movie(data) if media_type is MediaType.MP4 else data
    return CleanFile(media_type, digest, len(data), {Rendition.PUBLIC: public})


def admit(file: CleanFile, *, asset_id: UUID, principal: Principal, now: datetime) -> Asset:
    """Return the asset of a cleaned file, waiting for its check and hidden from others until it has passed."""
    return Asset(
        id=asset_id,
        community_id=principal.community_id,
        owner_account_id=principal.account_id,
        media_type=MediaType.JPEG if file.media_type.is_picture else file.media_type,
        state=AssetState.PENDING,
        original_media_type=file.media_type,
        original_sha256=file.original_sha256,
        original_bytes=file.original_bytes,
        public_bytes=len(file.renditions[Rendition.PUBLIC]),
        width_px=file.width_px,
        height_px=file.height_px,
        dhash=file.dhash,
        uploaded_at=now,
        check_due_at=now + CHECK_TIME_LIMIT,
    )


def acting_as(asset: Asset, principal: Principal) -> frozenset[AssetActor]:
    """Return what the caller is to this asset; a reviewer never judges an own upload."""
    actors = set()
    if principal.account_id == asset.owner_account_id:
        actors.add(AssetActor.OWNER)
    elif principal.has(*REVIEWER_ROLES):
        actors.add(AssetActor.REVIEWER)
    return frozenset(actors)


def can_see(asset: Asset, principal: Principal) -> bool:
    """Tell whether the caller may know of the asset: everybody once it has passed, before that its owner and reviewers."""
    if asset.state is AssetState.DELETED:
        return False
    return asset.state is AssetState.PASS or bool(acting_as(asset, principal))


def require_visible(asset: Asset, principal: Principal) -> None:
    """Pass when the caller may know of the asset.

    Errors: AssetNotFoundError, the same as for an id that never was.
    """
    if not can_see(asset, principal):
        raise AssetNotFoundError


def action_of(suggestion: str) -> AssetAction:
    """Return what an automatic check's word means; a word nobody has told us of is looked at by a person."""
    known = {"pass": AssetAction.CHECK_PASSED, "risky": AssetAction.CHECK_FAILED}
    return known.get(suggestion, AssetAction.CHECK_DOUBTED)


def decide(asset: Asset, action: AssetAction, actors: frozenset[AssetActor], now: datetime) -> Asset:
    """Return the asset after a verdict about it.

    Errors: ForbiddenError, WrongStateError.
    """
    return replace(asset, state=LIFE.perform(asset.state, action, actors), decided_at=now)


def delete(asset: Asset, principal: Principal, now: datetime) -> Asset:
    """Return the asset after its owner took it back.

    Errors: AssetNotFoundError when the caller may not know of it; NotOwnerError.
    """
    require_visible(asset, principal)
    actors = acting_as(asset, principal)
    if AssetActor.OWNER not in actors:
        raise NotOwnerError
    return replace(asset, state=LIFE.perform(asset.state, AssetAction.DELETE, actors), deleted_at=now)
