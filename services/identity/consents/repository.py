"""Every statement about consents and the texts they are given to."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.consents.domain import Consent, ConsentKind, Document
from services.identity.consents.models import ConsentDocumentRow, ConsentRow


async def list_documents(session: AsyncSession) -> Sequence[Document]:
    """Return every version of every text of the community."""
    rows = (await session.execute(select(ConsentDocumentRow))).scalars()
    return [Document(ConsentKind(row.kind), row.version, row.title, row.body, row.effective_at) for row in rows]


async def lock_last_version(session: AsyncSession, community_id: UUID, kind: ConsentKind) -> int:
    """Return the newest version of a kind, 0 when there is none, and keep everybody else from publishing.

    Locks/IO: an advisory lock per community until the transaction ends.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"consents:{community_id}", 0))))
    statement = select(func.max(col(ConsentDocumentRow.version))).where(col(ConsentDocumentRow.kind) == kind)
    return (await session.execute(statement)).scalar_one() or 0


async def add_document(
    session: AsyncSession, community_id: UUID, document: Document, *, published_by: UUID, now: datetime
) -> None:
    """Publish a version."""
    session.add(
        ConsentDocumentRow(
            community_id=community_id,
            kind=document.kind,
            version=document.version,
            title=document.title,
            body=document.body,
            effective_at=document.effective_at,
            published_by=published_by,
            published_at=now,
        )
    )
    await session.flush()


async def list_consents(session: AsyncSession, account_id: UUID) -> Sequence[Consent]:
    """Return everything an account agreed to, withdrawn or not, oldest first."""
    statement = (
        select(ConsentRow).where(col(ConsentRow.account_id) == account_id).order_by(col(ConsentRow.id)).limit(1_000)
    )
    return [
        Consent(row.id, row.account_id, ConsentKind(row.kind), row.version, row.given_at, row.withdrawn_at)
        for row in (await session.execute(statement)).scalars()
    ]


async def add_consent(session: AsyncSession, community_id: UUID, consent: Consent) -> None:
    """Write a yes, unless the same one stands already."""
    await session.execute(
        insert(ConsentRow)
        .values(
            community_id=community_id,
            id=consent.id,
            account_id=consent.account_id,
            kind=consent.kind,
            version=consent.version,
            given_at=consent.given_at,
        )
        .on_conflict_do_nothing()
    )


async def save_withdrawal(session: AsyncSession, consent: Consent) -> None:
    """Write that a yes was taken back."""
    await session.execute(
        update(ConsentRow).where(col(ConsentRow.id) == consent.id).values(withdrawn_at=consent.withdrawn_at)
    )
