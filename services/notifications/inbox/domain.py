"""The inbox: what is said to whom about which thing, and what one account has been told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.notifications.messages.templates import TemplateKey
from services.notifications.recipients.domain import Audience

LONGEST_TITLE = 60
LONGEST_BODY = 500


class Topic(StrEnum):
    """What an item is about, for the icon and the filter."""

    ACCOUNT = "account"
    POINTS = "points"
    STORE = "store"
    MERCHANTS = "merchants"
    GIGS = "gigs"
    HELP = "help"
    ADOPTIONS = "adoptions"
    HONOURS = "honours"
    PROPOSALS = "proposals"
    VOTES = "votes"
    NOTICES = "notices"
    TICKETS = "tickets"
    FILES = "files"


class TargetKind(StrEnum):
    """What a tap on an item opens; `pages.py` names the page of each."""

    ACCOUNT = "account"
    LEDGER = "ledger"
    AUDIT = "audit"
    CLAIM = "claim"
    PERIOD = "period"
    RULEBOOK = "rulebook"
    PRODUCT = "product"
    STOCKTAKE = "stocktake"
    REDEMPTION = "redemption"
    DELIVERY = "delivery"
    INSTALLATION = "installation"
    MERCHANT = "merchant"
    VOUCHER = "voucher"
    SETTLEMENT = "settlement"
    GIG = "gig"
    HELP_REQUEST = "help_request"
    PASSBOOK = "passbook"
    ADOPTION = "adoption"
    AWARD = "award"
    BOARD_ENTRY = "board_entry"
    CONCERN = "concern"
    PROPOSAL = "proposal"
    ROUND = "round"
    NOTICE = "notice"
    TICKET = "ticket"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Push:
    """What is also sent to telephones: the template, and the facts its fields are filled from."""

    template: TemplateKey
    subject: str
    state: str
    hint: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to be told. `fact_key` names the fact: nobody is told the same fact twice, however often it is heard.

    `target_id` is the thing's own id; a ledger's is its household's, a passbook's its person's, an audit's its community's, an account's the account's, a rulebook's its version as a UUID.
    """

    fact_key: str
    audience: Audience
    topic: Topic
    title: str
    body: str
    target_kind: TargetKind
    target_id: UUID
    push: Push | None = None


Teller = Callable[[Any], list[Draft]]
"""Puts one kind of fact into words."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing one account was told. `sequence` counts per account without a gap being promised; newer is larger."""

    id: UUID
    account_id: UUID
    sequence: int
    topic: Topic
    title: str
    body: str
    target_kind: TargetKind
    target_id: UUID
    told_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """How many items an account has not read, in all and by topic."""

    total: int
    by_topic: Mapping[Topic, int] = field(hash=False)


def shorten(text: str, longest: int) -> str:
    """Cut a text so that it fits, marking the cut."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def read(item: InboxItem, now: datetime) -> InboxItem:
    """Return the item as read; the first reading is the one that counts."""
    return item if item.read_at is not None else replace(item, read_at=now)


def count_unread(by_topic: Mapping[Topic, int]) -> Unread:
    """Add up what is unread; topics without any are left out."""
    kept = {topic: count for topic, count in by_topic.items() if count}
    return Unread(sum(kept.values()), kept)
