"""What the store's API takes and says."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.points.store.domain import ProductFacts, ProductKind, ProductState, limit_window
from services.points.store.repository import Shelf
from shared.kernel.values import Fen, Points
from shared.schemas import Input, Int64, LongText, Output, ShortText


class ProductChange(Input):
    """What a storekeeper says of a product."""

    name: ShortText = Field(description="Name on the shelf.", examples=["食用油 1.8 升"])
    description: LongText | None = Field(
        None, description="What residents should know.", examples=["非转基因压榨菜籽油"]
    )
    category: ShortText = Field(description="Group of goods.", examples=["粮油"])
    kind: ProductKind = Field(
        ProductKind.GOODS, description="goods, installation (fitted free by property), service or honour."
    )
    price_points: Int64 = Field(ge=1, le=1_000_000, description="Price of one piece in points.", examples=[30])
    cash_fen: Int64 = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Cash for one piece besides the points, in fen; paid at the counter, never by this system.",
        examples=[500],
    )
    state: ProductState = Field(ProductState.ON_SALE, description="draft, on_sale or withdrawn.")
    household_limit: Int64 = Field(
        2, ge=1, le=1000, description="Most pieces a household may take in one window.", examples=[2]
    )
    limit_window_days: Int64 = Field(
        60,
        ge=1,
        le=366,
        description="Length of the limit's windows in days; one follows the other, and each counts anew.",
        examples=[60],
    )
    hold_hours: Int64 = Field(72, ge=1, le=720, description="How long a reservation is kept, in hours.", examples=[72])
    buckets: Int64 = Field(
        1, ge=1, le=64, description="Parts the stock of a new batch is split into; more for a rush.", examples=[1]
    )
    picture_asset_id: UUID | None = Field(None, description="Picture, an asset of media.")
    low_stock_threshold: Int64 | None = Field(
        None, ge=0, le=1_000_000, description="Storekeepers are told when no more pieces are free.", examples=[10]
    )

    reason: ShortText | None = Field(
        None, description="Why it is entered or changed, for the record.", examples=["进价上涨"]
    )

    def facts(self) -> ProductFacts:
        """Return them as the use case takes them."""
        return ProductFacts(
            name=self.name,
            description=self.description or "",
            category=self.category,
            kind=self.kind,
            price_points=Points(self.price_points),
            cash_fen=Fen(self.cash_fen),
            state=self.state,
            household_limit=self.household_limit,
            limit_window_days=self.limit_window_days,
            hold_hours=self.hold_hours,
            buckets=self.buckets,
            picture_asset_id=self.picture_asset_id,
            low_stock_threshold=self.low_stock_threshold,
        )


class ProductCreate(ProductChange):
    """A new product."""

    code: ShortText = Field(description="The store's own number of it.", examples=["LY-001"])


class ProductRead(Output):
    """A product and its stock."""

    id: UUID = Field(description="The product.")
    code: str = Field(description="The store's own number of it.", examples=["LY-001"])
    name: str = Field(description="Name on the shelf.", examples=["食用油 1.8 升"])
    description: str = Field(description="What residents should know.")
    category: str = Field(description="Group of goods.", examples=["粮油"])
    kind: ProductKind = Field(description="goods, installation, service or honour.")
    price_points: int = Field(description="Price of one piece in points.", examples=[30])
    cash_fen: int = Field(
        description="Cash for one piece besides the points, in fen; paid at the counter, never by this system.",
        examples=[500],
    )
    state: ProductState = Field(description="draft, on_sale or withdrawn.")
    household_limit: int = Field(description="Most pieces a household may take in one window.", examples=[2])
    limit_window_days: int = Field(description="Length of the limit's window in days.", examples=[60])
    limit_window_ends_on: date = Field(
        description="Last day of the present window, in China; the day after it the limit counts anew.",
        examples=["2026-06-30"],
    )
    hold_hours: int = Field(description="How long a reservation is kept, in hours.", examples=[72])
    picture_asset_id: UUID | None = Field(description="Picture, an asset of media.")
    low_stock_threshold: int | None = Field(description="Storekeepers are told when no more pieces are free.")
    available: int = Field(description="Pieces free to redeem.", examples=[120])
    reserved: int = Field(description="Pieces set aside for households.", examples=[4])
    version: int = Field(description="Version, also the ETag.", examples=[1])

    @classmethod
    def of(cls, shelf: Shelf, today: date) -> "ProductRead":
        """Read it off the shelf."""
        return cls(
            **{name: getattr(shelf.product, name) for name in cls.model_fields if hasattr(shelf.product, name)},
            available=shelf.available,
            reserved=shelf.reserved,
            limit_window_ends_on=limit_window(today, shelf.product.limit_window_days).ends_on,
        )


class CategoryRead(Output):
    """A group of goods."""

    name: str = Field(description="Name of the group.", examples=["粮油"])
    product_count: int = Field(description="Products in it that the caller may see.", examples=[4])


class PriceRead(Output):
    """What a product cost from a moment on."""

    price_points: int = Field(description="Price of one piece in points.", examples=[30])
    cash_fen: int = Field(description="Cash for one piece besides the points, in fen.", examples=[500])
    effective_at: datetime = Field(description="Since when, UTC.")
