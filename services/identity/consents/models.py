"""Tables of the texts people agree to, and of who agreed."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class ConsentDocumentRow(Base, table=True):
    """One version of a text; a published version is never changed."""

    __tablename__: ClassVar[str] = "consent_document"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    community_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    title: str
    body: str
    effective_at: datetime = Field(sa_type=MOMENT)
    published_by: UUID
    published_at: datetime = Field(sa_type=MOMENT)


class ConsentRow(Base, table=True):
    """One account's yes to one version, and when it was taken back."""

    __tablename__: ClassVar[str] = "consent"
    __table_args__ = (
        ForeignKeyConstraint(["community_id", "account_id"], ["identity.account.community_id", "identity.account.id"]),
        ForeignKeyConstraint(
            ["community_id", "kind", "version"],
            [
                "identity.consent_document.community_id",
                "identity.consent_document.kind",
                "identity.consent_document.version",
            ],
        ),
        Index(
            "uq_consent_standing",
            "community_id",
            "account_id",
            "kind",
            "version",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    account_id: UUID
    kind: str
    version: int
    given_at: datetime = Field(sa_type=MOMENT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=MOMENT)
