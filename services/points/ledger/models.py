"""Tables of the ledger: accounts, transfers, entries, holds and lots.

Written only through `append_entry` and the other functions of the `.sql` files beside; entries, transfers and hold ends are never changed.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class Household(Table, table=True):
    """What points knows of a household, learnt from identity's facts; the name is masked."""

    __tablename__: ClassVar[str] = "household"

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    number: str
    householder_name: str
    grid_id: UUID
    grid_name: str
    building_id: UUID
    building_name: str
    status: str = Field(default="active", description="As identity tells it, or `merged`.")
    registered_at: datetime = Field(sa_type=MOMENT)
    merged_into_id: UUID | None = None


class Account(Table, table=True):
    """One owner's account in one asset. All but system rows carry a live balance; system rows are sums of their entries."""

    __tablename__: ClassVar[str] = "account"
    __table_args__ = (
        # A deduction takes standing in full, and arrears are what is owed; nothing else ever falls below zero.
        CheckConstraint("available >= 0 OR asset = 'standing' OR kind = 'arrears'", name="available"),
        CheckConstraint("kind <> 'arrears' OR (available <= 0 AND held = 0)", name="arrears"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint(
            "kind IN ('household', 'resident', 'escrow', 'merchant', 'pool', 'arrears', 'system')", name="kind"
        ),
        CheckConstraint("asset IN ('standing', 'spendable', 'time')", name="asset"),
        UniqueConstraint("community_id", "kind", "owner_id", "asset"),
        Index("ix_account_late", "late_at", postgresql_where=text("late_at IS NOT NULL")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    kind: str
    owner_id: UUID
    asset: str
    available: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    version: int = Field(default=0, sa_type=BigInteger)
    head: bytes = Field(sa_type=LargeBinary)
    opened_at: datetime = Field(sa_type=MOMENT)
    is_closed: bool = Field(
        default=False, description="Of a household that went up in another: nothing new is held or spent."
    )
    late_at: datetime | None = Field(
        default=None, sa_type=MOMENT, description="When something last came to it, or left it, after it was closed."
    )


class Transfer(Table, table=True):
    """A positive amount from one account to another, with who did it, why, and under which rule."""

    __tablename__: ClassVar[str] = "transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("from_account_id <> to_account_id", name="two_accounts"),
        UniqueConstraint("community_id", "reverses_id"),
        UniqueConstraint("community_id", "asset", "kind", "source_id"),
        Index(None, "community_id", "event_at", "id"),
        ForeignKeyConstraint(["community_id", "from_account_id"], ["points.account.community_id", "points.account.id"]),
        ForeignKeyConstraint(["community_id", "to_account_id"], ["points.account.community_id", "points.account.id"]),
        ForeignKeyConstraint(["community_id", "reverses_id"], ["points.transfer.community_id", "points.transfer.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    asset: str
    kind: str
    amount: int = Field(sa_type=BigInteger)
    from_account_id: UUID
    to_account_id: UUID
    source_id: UUID
    summary: str
    rule_version: int | None = None
    acting_account_id: UUID | None = None
    reverses_id: UUID | None = None
    event_at: datetime = Field(sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)


class Entry(Table, table=True):
    """One line of an account: what changed, the balance after it, and a hash over it and the line before.

    A hold or its release moves points between available and held and has amount 0. System accounts have no version and no balance.
    """

    __tablename__: ClassVar[str] = "entry"
    __table_args__ = (
        Index("ix_entry_account", "community_id", "account_id", text("version DESC"), unique=True),
        Index(None, "community_id", "transfer_id"),
        # What a system account comes to is the sum of its lines, read from this index alone.
        Index(
            "ix_entry_system",
            "community_id",
            "account_id",
            postgresql_include=["amount"],
            postgresql_where=text("version IS NULL"),
        ),
        ForeignKeyConstraint(["community_id", "account_id"], ["points.account.community_id", "points.account.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    version: int | None = Field(default=None, sa_type=BigInteger)
    transfer_id: UUID | None = None
    hold_id: UUID | None = None
    amount: int = Field(sa_type=BigInteger)
    available_after: int | None = Field(default=None, sa_type=BigInteger)
    held_after: int | None = Field(default=None, sa_type=BigInteger)
    previous_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=MOMENT)


class Hold(Table, table=True):
    """Points set aside until a moment for something not yet finished."""

    __tablename__: ClassVar[str] = "hold"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "community_id", "account_id"),
        ForeignKeyConstraint(["community_id", "account_id"], ["points.account.community_id", "points.account.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    amount: int = Field(sa_type=BigInteger)
    purpose: str
    expires_at: datetime = Field(sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)


class HoldEnd(Table, table=True):
    """How a hold ended. The primary key is the hold, so it ends once by structure."""

    __tablename__: ClassVar[str] = "hold_end"
    __table_args__ = (
        CheckConstraint("outcome IN ('captured', 'released', 'expired')", name="outcome"),
        ForeignKeyConstraint(["community_id", "hold_id"], ["points.hold.community_id", "points.hold.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    hold_id: UUID = Field(primary_key=True)
    outcome: str
    transfer_id: UUID | None = None
    ended_at: datetime = Field(sa_type=MOMENT)


class Lot(Table, table=True):
    """Spendable points that came in together and expire together; spent earliest expiry first."""

    __tablename__: ClassVar[str] = "lot"
    __table_args__ = (
        CheckConstraint("remaining >= 0 AND remaining <= amount", name="remaining"),
        Index("ix_lot_open", "community_id", "account_id", "expires_at", "id", postgresql_where=text("remaining > 0")),
        Index(None, "community_id", "transfer_id"),
        Index("ix_lot_expiring", "expires_at", postgresql_where=text("remaining > 0 AND expires_at IS NOT NULL")),
        Index("ix_lot_reminder", "remind_at", postgresql_where=text("remaining > 0 AND remind_at IS NOT NULL")),
        Index(
            "ix_lot_coming",
            "community_id",
            "expires_at",
            "account_id",
            postgresql_where=text("remaining > 0 AND expires_at IS NOT NULL"),
        ),
        ForeignKeyConstraint(["community_id", "account_id"], ["points.account.community_id", "points.account.id"]),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    transfer_id: UUID
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger)
    expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
    remind_at: datetime | None = Field(
        default=None, sa_type=MOMENT, description="When its household is told next that it will expire."
    )
    created_at: datetime = Field(sa_type=MOMENT)


class LotUse(Table, table=True):
    """How much of a lot a hold or a transfer took; given back to the same lot when it is undone."""

    __tablename__: ClassVar[str] = "lot_use"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("restored >= 0 AND restored <= amount", name="restored"),
        ForeignKeyConstraint(["community_id", "lot_id"], ["points.lot.community_id", "points.lot.id"]),
        Index(None, "community_id", "lot_id"),
    )

    community_id: UUID = Field(primary_key=True)
    used_by: UUID = Field(primary_key=True, description="A hold, or a transfer that spent without one.")
    lot_id: UUID = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    restored: int = Field(default=0, sa_type=BigInteger)
