"""Rules of the store that need no database."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.points.store.errors import CashWithInstallationError
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Fen, Points

FIRST_DAY: Final = date(1970, 1, 1)
"""With this day the first window of every length begins."""


class ProductState(Worded):
    """Whether residents can redeem it."""

    DRAFT = "draft", "还没有上架"
    ON_SALE = "on_sale", "在架"
    WITHDRAWN = "withdrawn", "已下架"


class ProductAction(Worded):
    PUT_ON_SALE = "put_on_sale", "上架"
    WITHDRAW = "withdraw", "下架"
    TAKE_BACK_TO_DRAFT = "take_back_to_draft", "退回草稿"


class ProductActor(StrEnum):
    STOCKER = "stocker"


LIFE = StateMachine[ProductState, ProductAction, ProductActor](
    transitions={
        (ProductState.DRAFT, ProductAction.PUT_ON_SALE): ProductState.ON_SALE,
        (ProductState.DRAFT, ProductAction.WITHDRAW): ProductState.WITHDRAWN,
        (ProductState.ON_SALE, ProductAction.WITHDRAW): ProductState.WITHDRAWN,
        (ProductState.ON_SALE, ProductAction.TAKE_BACK_TO_DRAFT): ProductState.DRAFT,
        (ProductState.WITHDRAWN, ProductAction.PUT_ON_SALE): ProductState.ON_SALE,
        (ProductState.WITHDRAWN, ProductAction.TAKE_BACK_TO_DRAFT): ProductState.DRAFT,
    },
    actors=dict.fromkeys(ProductAction, frozenset({ProductActor.STOCKER})),
)
"""Every state can become every other; `PUT /products/{id}` names the one it becomes."""


class ProductKind(StrEnum):
    GOODS = "goods"
    INSTALLATION = "installation"
    SERVICE = "service"
    HONOUR = "honour"


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What a storekeeper says of a product."""

    name: str
    description: str
    category: str
    kind: ProductKind
    price_points: Points
    cash_fen: Fen
    state: ProductState
    household_limit: int
    limit_window_days: int
    hold_hours: int
    buckets: int
    picture_asset_id: UUID | None
    low_stock_threshold: int | None

    @property
    def price(self) -> str:
        """What a piece costs, in words."""
        return price_in_words(self.price_points, self.cash_fen)


def price_in_words(points: int, cash_fen: int) -> str:
    """Return what a piece costs as people say it."""
    cash = f" 加 {cash_fen // 100}.{cash_fen % 100:02} 元" if cash_fen else ""
    return f"{points} 分{cash}"


WORDS: Final = {
    "name": "名称",
    "description": "说明",
    "category": "分类",
    "kind": "种类",
    "household_limit": "每户限量",
    "limit_window_days": "限量天数",
    "hold_hours": "保留小时",
    "buckets": "分货格数",
    "picture_asset_id": "图片",
    "low_stock_threshold": "低库存提醒",
}
"""How the record names what is neither the price nor the state."""
TOLD_BY_NAME: Final = frozenset({"description", "kind", "picture_asset_id"})
"""Of which the record does not say what they became."""


def steps_between(before: ProductFacts, after: ProductFacts) -> list[tuple[str, str]]:
    """Return what was done to a product, and for each step what it became: its state, its price, or what else changed."""
    names = [f.name for f in fields(after) if getattr(before, f.name) != getattr(after, f.name)]
    found = []
    if "state" in names:
        action = next(a for (s, a), became in LIFE.transitions.items() if (s, became) == (before.state, after.state))
        found.append((action.value, after.state.value))
    if before.price != after.price:
        found.append(("reprice", after.price))
    if others := [name for name in names if name in WORDS]:
        found.append(("change", "；".join(_told(after, name) for name in others)))
    return found


def _told(facts: ProductFacts, name: str) -> str:
    value = getattr(facts, name)
    return WORDS[name] if name in TOLD_BY_NAME or value is None else f"{WORDS[name]} {value}"


def check_cash(kind: ProductKind, cash: Fen) -> None:
    """Pass when somebody will be there to take the cash part: at the counter, not at home where property fits the goods.

    Errors: CashWithInstallationError.
    """
    if cash and kind is ProductKind.INSTALLATION:
        raise CashWithInstallationError


@dataclass(frozen=True, slots=True)
class LimitWindow:
    """The days within which a household's limit is counted, both included."""

    begins_on: date
    ends_on: date

    @property
    def number(self) -> int:
        """By which `redeem.sql` keeps it: its first day, counted from 1970-01-01, so that windows of another length are others."""
        return (self.begins_on - FIRST_DAY).days


def limit_window(on: date, days: int) -> LimitWindow:
    """Return the window of so many days that a day of China's calendar lies in; one follows the other without gap or overlap.

    `points.limit_window` says the same in the database.
    """
    begins_on = on - timedelta(days=(on - FIRST_DAY).days % days)
    return LimitWindow(begins_on, begins_on + timedelta(days=days - 1))
