"""Table of the audit chain; rows are never changed."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class AuditLineRow(Base, table=True):
    """Who did which privileged act, to whom and why, bound by its hash to the line before."""

    __tablename__: ClassVar[str] = "audit_line"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        Index("ix_audit_line_actor", "community_id", "actor_id", text("number DESC")),
        Index("ix_audit_line_subject", "community_id", "subject_kind", "subject_id", text("number DESC")),
    )

    community_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = Field(sa_type=MOMENT)
    actor_id: UUID
    actor_name: str
    act: str
    subject_kind: str
    subject_id: str
    reason: str
    facts: dict[str, str] = Field(sa_type=JSONB)
    hash: bytes = Field(sa_type=LargeBinary)
