"""Tables of claim photos."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index
from sqlmodel import Field

from services.points.registry import Table


class PhotoHashRow(Table, table=True):
    """The perceptual hash of a picture, as media told it: 64 bits as a signed number."""

    __tablename__: ClassVar[str] = "photo_hash"

    community_id: UUID = Field(primary_key=True)
    asset_id: UUID = Field(primary_key=True)
    dhash: int = Field(sa_type=BigInteger)
    heard_at: datetime = Field(sa_type=DateTime(timezone=True))


class PassedDocument(Table, table=True):
    """A file that media passed and that has no hash: no picture, such as the minutes of a meeting."""

    __tablename__: ClassVar[str] = "passed_document"

    community_id: UUID = Field(primary_key=True)
    asset_id: UUID = Field(primary_key=True)
    heard_at: datetime = Field(sa_type=DateTime(timezone=True))


class PhotoBand(Table, table=True):
    """A quarter of a hash with its place, by which similar pictures are found without looking at all of them."""

    __tablename__: ClassVar[str] = "photo_band"

    community_id: UUID = Field(primary_key=True)
    band: int = Field(primary_key=True)
    asset_id: UUID = Field(primary_key=True)


class PhotoMatch(Table, table=True):
    """That two pictures look alike; each pair stands here in both directions."""

    __tablename__: ClassVar[str] = "photo_match"

    community_id: UUID = Field(primary_key=True)
    asset_id: UUID = Field(primary_key=True)
    other_asset_id: UUID = Field(primary_key=True)


class ClaimPhoto(Table, table=True):
    """That a claim shows a picture."""

    __tablename__: ClassVar[str] = "claim_photo"
    __table_args__ = (Index("ix_claim_photo_claim", "community_id", "claim_id"),)

    community_id: UUID = Field(primary_key=True)
    asset_id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(primary_key=True)
