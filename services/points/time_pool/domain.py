"""What went into the community's pool of minutes, and what went out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class PoolKind(StrEnum):
    """Why minutes went into the pool or out of it; of the ledger's kinds of transfers, those that touch the pool."""

    ISSUE = "time_issue"
    DONATION = "time_donation"
    REFUND = "time_refund"
    GRANT = "time_grant"
    ESCROW = "time_escrow"


class Direction(StrEnum):
    """Which way minutes went."""

    IN = "in"
    OUT = "out"


KIND_NAMES: Final[Mapping[PoolKind, str]] = {
    PoolKind.ISSUE: "社区注入",
    PoolKind.DONATION: "居民捐赠",
    PoolKind.REFUND: "求助剩余退回",
    PoolKind.GRANT: "帮扶拨付",
    PoolKind.ESCROW: "求助预留",
}


@dataclass(frozen=True, slots=True)
class PoolFilter:
    """Which lines are wanted; None is every one."""

    kind: PoolKind | None
    direction: Direction | None
    begins_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One line of the pool: minutes that came are positive, minutes that went are negative."""

    id: UUID
    version: int
    made_at: datetime
    kind: PoolKind
    minutes: int
    balance_after: int
    summary: str
    reason: str
    resident_id: UUID | None
    """Who donated them or was granted them."""
    name: str
    source_id: UUID
    """The move, or the request for help."""
    account_id: UUID | None
    """Who entered it; nobody when the clock did."""
