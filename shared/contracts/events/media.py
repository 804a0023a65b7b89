"""Facts told by media."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.events.registry import Named, event


@event("media.asset_passed")
@dataclass(frozen=True, kw_only=True)
class AssetPassed(Named):
    """A file passed its check, or a person let it through: everybody in the community may see it now.

    `dhash` is a picture's perceptual hash as 16 hexadecimal digits: similar pictures differ in few of its 64 bits.
    """

    asset_id: UUID
    owner_account_id: UUID
    media_type: str
    dhash: str | None = None


@event("media.asset_rejected")
@dataclass(frozen=True, kw_only=True)
class AssetRejected(Named):
    """A file may not be shown, or no longer; `reason` is told to its owner."""

    asset_id: UUID
    owner_account_id: UUID
    reason: str


@event("media.asset_deleted")
@dataclass(frozen=True, kw_only=True)
class AssetDeleted(Named):
    """A file was taken back by its owner."""

    asset_id: UUID
    owner_account_id: UUID
