"""Tables of the inbox."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlmodel import Field

from services.notifications.registry import Table

MOMENT = DateTime(timezone=True)


class MailboxRow(Table, table=True):
    """How far one account's sequence has got. Its lock makes sequences visible in their order."""

    __tablename__: ClassVar[str] = "mailbox"
    __table_args__ = (CheckConstraint("last_sequence >= 0", name="last_sequence"),)

    community_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    last_sequence: int = Field(sa_type=BigInteger)


class InboxItemRow(Table, table=True):
    """One thing one account was told."""

    __tablename__: ClassVar[str] = "inbox_item"
    __table_args__ = (
        UniqueConstraint("community_id", "account_id", "fact_key"),
        UniqueConstraint("community_id", "account_id", "sequence"),
        Index("ix_inbox_item_unread", "community_id", "account_id", "topic", postgresql_where=text("read_at IS NULL")),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    sequence: int = Field(sa_type=BigInteger)
    fact_key: str
    topic: str
    title: str
    body: str
    target_kind: str
    target_id: UUID
    told_at: datetime = Field(sa_type=MOMENT)
    read_at: datetime | None = Field(default=None, sa_type=MOMENT)
