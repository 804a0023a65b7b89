"""What callers send and get about assets."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.media.assets.domain import AssetState
from services.media.assets.signed_links import Rendition
from services.media.assets.sniffing import MediaType
from services.media.assets.usecases import Judgement
from shared.schemas import Input, Moment, Output, ShortText


class LinkRead(Output):
    """A link to one copy of the file. It needs no token and works until its end; do not store it."""

    rendition: Rendition = Field(description="Which copy: public is at most 2,560 pixels, medium 960, small 240.")
    url: str = Field(
        description="Path and query, relative to this API's address.",
        examples=["/api/v1/media/files/…/…/small?expires=1778461200&signature=…"],
    )
    expires_at: datetime = Field(description="Until when the link works, UTC.", examples=["2026-05-11T02:15:00Z"])


class AssetRead(Output):
    """An uploaded file. Others see it once its state is `pass`."""

    id: UUID = Field(description="Id of the file.")
    state: AssetState = Field(description="pending, pass, review (a person is to look) or risky (not shown).")
    owner_account_id: UUID = Field(description="Account that uploaded it.")
    media_type: MediaType = Field(description="Type of the copies; every picture becomes a JPEG.")
    original_media_type: MediaType = Field(description="Type of what was uploaded, told by its content.")
    original_bytes: int = Field(description="Size of what was uploaded, in bytes.", examples=[3145728])
    original_sha256: str = Field(description="SHA-256 of what was uploaded, in hex.", examples=["9f86d081…"])
    public_bytes: int = Field(description="Size of the public copy, in bytes.", examples=[412345])
    width_px: int | None = Field(description="Width of the public copy in pixels; null for documents and films.")
    height_px: int | None = Field(description="Height of the public copy in pixels; null for documents and films.")
    perceptual_hash: str | None = Field(
        description="64-bit difference hash of a picture, in hex: similar pictures differ in few bits.",
        examples=["8f0e1c3870e1c387"],
    )
    uploaded_at: Moment
    decided_at: datetime | None = Field(description="When its state was last decided, UTC; null while pending.")
    links: list[LinkRead] = Field(description="Links to its copies.")


class ReviewCreate(Input):
    """A reviewer's decision."""

    judgement: Judgement = Field(description="approve shows the file, reject hides it.")
    reason: ShortText = Field(description="Why; told to the owner.", examples=["画面里有他人的身份证"])
