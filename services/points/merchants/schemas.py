"""What the shops' API takes and says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.points.merchants.domain import OfferKind, OfferState, State
from shared.schemas import Input, Int64, LongText, Output, ShortText

Note = Annotated[str, StringConstraints(max_length=500)]


class MerchantApply(Input):
    """A shop that wants to join."""

    name: ShortText = Field(description="Name of the shop.", examples=["城关粮油店"])
    category: ShortText = Field(description="What it sells.", examples=["粮油"])
    address: ShortText = Field(description="Where it is.", examples=["青龙路18号"])
    note: Note = Field("", description="What it would offer.", examples=["积分换粮油，全店九折"])


class MerchantRead(Output):
    """A shop of the alliance."""

    id: UUID = Field(description="The shop.")
    name: str = Field(description="Name.", examples=["城关粮油店"])
    category: str = Field(description="What it sells.", examples=["粮油"])
    address: str = Field(description="Where it is.", examples=["青龙路18号"])
    note: str = Field(description="What it says of itself.")
    state: State = Field(description="applied, active, suspended, refused or closed.", examples=["active"])
    reason: str = Field(description="Why it was refused, suspended or closed.")
    created_at: datetime = Field(description="When it applied, UTC.")


class Reason(Input):
    """Why."""

    reason: LongText = Field(description="Why.", examples=["营业执照已过期，请更新后再办。"])


class Word(Input):
    """A word along the way, optional."""

    reason: Annotated[str, StringConstraints(max_length=2000)] = Field(
        "", description="A word about it.", examples=["材料齐全"]
    )


class ShopAccountCreate(Input):
    """An account that shall stand for the shop."""

    account_id: UUID = Field(description="A resident's account, or the OAuth client of the till.")
    household_id: UUID | None = Field(None, description="The person's household, if it lives here.")


class OfferCreate(Input):
    """What a shop offers. Points offers have `points` and `value_fen`; discount offers have `discount_percent` alone."""

    kind: OfferKind = Field(description="points or discount.", examples=["points"])
    title: ShortText = Field(description="What it is.", examples=["粮油代金券 20 元"])
    terms: Note = Field("", description="Small print in plain words.", examples=["每次限用一张，特价商品除外"])
    points: Int64 = Field(0, ge=0, le=1_000_000, description="Points a voucher costs.", examples=[20])
    value_fen: Int64 = Field(
        0, ge=0, le=100_000_000, description="Fen the community pays the shop for it.", examples=[2000]
    )
    discount_percent: Int64 | None = Field(
        None, ge=1, le=99, description="Part of the price still to be paid; 90 is 九折.", examples=[None]
    )
    total_limit: Int64 | None = Field(
        None, ge=1, le=1_000_000, description="Most vouchers in all; null for no limit.", examples=[200]
    )
    household_limit: Int64 = Field(1, ge=1, le=1000, description="Most vouchers of a household.", examples=[2])
    is_for_adopters: bool = Field(False, description="Whether only households that look after an adopted thing get it.")
    valid_from: AwareDatetime = Field(description="From when it can be taken, UTC.", examples=["2026-05-11T00:00:00Z"])
    valid_until: AwareDatetime = Field(description="Until when, UTC.", examples=["2099-12-31T00:00:00Z"])
    voucher_days: Int64 = Field(30, ge=1, le=366, description="Days a voucher is good, not beyond the offer.")


class OfferRead(Output):
    """What a shop offers."""

    id: UUID = Field(description="The offer.")
    merchant_id: UUID = Field(description="The shop.")
    kind: OfferKind = Field(description="points or discount.", examples=["points"])
    title: str = Field(description="What it is.", examples=["粮油代金券 20 元"])
    terms: str = Field(description="Small print.")
    points: int = Field(description="Points a voucher costs.", examples=[20])
    value_fen: int = Field(description="Fen the community pays the shop for it.", examples=[2000])
    discount_percent: int | None = Field(description="Part of the price still to be paid; 90 is 九折.")
    total_limit: int | None = Field(description="Most vouchers in all.")
    household_limit: int = Field(description="Most vouchers of a household.", examples=[2])
    is_for_adopters: bool = Field(description="Whether only adopters get it.")
    valid_from: datetime = Field(description="From when, UTC.")
    valid_until: datetime = Field(description="Until when, UTC.")
    voucher_days: int = Field(description="Days a voucher is good.", examples=[30])
    issued: int = Field(description="Vouchers out or used.", examples=[12])
    state: OfferState = Field(description="proposed, open, refused or closed.", examples=["open"])
    created_at: datetime = Field(description="When it was proposed, UTC.")
