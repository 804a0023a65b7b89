"""Tables of the points funds: accounts in fen, transfers between them, and their lines."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.points.registry import Table

MOMENT = DateTime(timezone=True)


class FundAccount(Table, table=True):
    """A fund that pays for goods, or the outside that money comes from and goes to; only a fund may not fall below zero."""

    __tablename__: ClassVar[str] = "fund_account"
    __table_args__ = (
        CheckConstraint("kind IN ('fund', 'income', 'spending')", name="kind"),
        CheckConstraint("source IN ('fiscal', 'donation', 'collective')", name="source"),
        CheckConstraint("kind <> 'fund' OR balance_fen >= 0", name="balance"),
        UniqueConstraint("community_id", "kind", "name"),
        UniqueConstraint("community_id", "fund_id", "kind"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    fund_id: UUID = Field(description="The fund it belongs to; a fund's own account has the same id.")
    kind: str
    name: str
    source: str
    balance_fen: int = Field(default=0, sa_type=BigInteger)
    opened_at: datetime = Field(sa_type=MOMENT)


class FundTransfer(Table, table=True):
    """A positive amount of money from one account to another, with whom it came from or went to."""

    __tablename__: ClassVar[str] = "fund_transfer"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("kind IN ('income', 'spending', 'reversal')", name="kind"),
        CheckConstraint("from_account_id <> to_account_id", name="two_accounts"),
        UniqueConstraint("community_id", "reverses_id"),
        UniqueConstraint("community_id", "kind", "source_id"),
        Index("ix_fund_transfer_kind", "community_id", "fund_id", "kind", text("created_at DESC"), text("id DESC")),
        Index("ix_fund_transfer_day", "community_id", "fund_id", "happened_on"),
        Index("ix_fund_transfer_fund", "community_id", "fund_id", text("created_at DESC"), text("id DESC")),
        ForeignKeyConstraint(
            ["community_id", "from_account_id"], ["points.fund_account.community_id", "points.fund_account.id"]
        ),
        ForeignKeyConstraint(
            ["community_id", "to_account_id"], ["points.fund_account.community_id", "points.fund_account.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    fund_id: UUID
    kind: str
    amount_fen: int = Field(sa_type=BigInteger)
    from_account_id: UUID
    to_account_id: UUID
    source_id: UUID = Field(description="The batch paid for, or the income itself.")
    counterparty: str = Field(description="Donor or supplier as published.")
    summary: str
    happened_on: date
    reverses_id: UUID | None = None
    acting_account_id: UUID
    created_at: datetime = Field(sa_type=MOMENT)


class FundEntry(Table, table=True):
    """One line of an account with the balance after it; the lines of a transfer sum to zero."""

    __tablename__: ClassVar[str] = "fund_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["community_id", "transfer_id"], ["points.fund_transfer.community_id", "points.fund_transfer.id"]
        ),
    )

    community_id: UUID = Field(primary_key=True)
    transfer_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    amount_fen: int = Field(sa_type=BigInteger)
    balance_after_fen: int = Field(sa_type=BigInteger)
