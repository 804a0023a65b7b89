"""Tables of assets."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.media.registry import Table

MOMENT = DateTime(timezone=True)


class AssetRow(Table, table=True):
    """One uploaded file. Its bytes lie in the file store under `domain.object_key`."""

    __tablename__: ClassVar[str] = "asset"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'pass', 'review', 'risky', 'deleted')", name="state"),
        CheckConstraint("original_bytes > 0 AND public_bytes > 0", name="sizes"),
        CheckConstraint("length(original_sha256) = 64", name="original_sha256"),
        CheckConstraint("(width_px IS NULL) = (height_px IS NULL)", name="dimensions"),
        CheckConstraint("(state = 'deleted') = (deleted_at IS NOT NULL)", name="deleted"),
        CheckConstraint("erased_at IS NULL OR deleted_at IS NOT NULL", name="erased"),
        Index("ix_asset_owner", "community_id", "owner_account_id", text("id DESC")),
        Index("ix_asset_state", "community_id", "state", text("id DESC")),
        Index("ix_asset_check_due", "check_due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_asset_trace", "check_trace_id", postgresql_where=text("check_trace_id IS NOT NULL")),
        Index("ix_asset_to_erase", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL AND erased_at IS NULL")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    owner_account_id: UUID
    state: str
    media_type: str
    original_media_type: str
    original_sha256: str
    original_bytes: int
    public_bytes: int
    width_px: int | None = None
    height_px: int | None = None
    dhash: int | None = Field(default=None, sa_type=BigInteger, description="64-bit hash as a signed number.")
    uploaded_at: datetime = Field(sa_type=MOMENT)
    check_due_at: datetime = Field(sa_type=MOMENT)
    check_trace_id: str | None = Field(default=None, description="WeChat's name of the check it was asked for.")
    decided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    deleted_at: datetime | None = Field(default=None, sa_type=MOMENT)
    erased_at: datetime | None = Field(default=None, sa_type=MOMENT, description="When the last byte was erased.")


class VerdictRow(Table, table=True):
    """One decision about a file, kept as it was made."""

    __tablename__: ClassVar[str] = "verdict"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "asset_id"], ["media.asset.community_id", "media.asset.id"]),
        Index("ix_verdict_asset", "community_id", "asset_id", "id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    asset_id: UUID
    action: str
    account_id: UUID | None = Field(default=None, description="Who decided; empty for the check and the clock.")
    reason: str
    decided_at: datetime = Field(sa_type=MOMENT)
