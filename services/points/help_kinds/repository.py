"""Every statement of kinds of help."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.help_kinds.domain import HelpKind
from services.points.help_kinds.models import HelpKindRow


def _domain(row: HelpKindRow) -> HelpKind:
    return HelpKind(**{name: getattr(row, name) for name in HelpKind.__slots__})


async def find(session: AsyncSession, code: str) -> HelpKind | None:
    """Return the latest version of a kind, or None."""
    statement = (
        select(HelpKindRow).where(col(HelpKindRow.code) == code).order_by(col(HelpKindRow.version).desc()).limit(1)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def list_latest(session: AsyncSession) -> list[HelpKind]:
    """Return the latest version of every kind by code; a community publishes a few dozen."""
    statement = (
        select(HelpKindRow)
        .ext(distinct_on(col(HelpKindRow.code)))
        .order_by(col(HelpKindRow.code), col(HelpKindRow.version).desc())
    )
    return [_domain(row) for row in (await session.execute(statement)).scalars()]


async def list_versions(session: AsyncSession, code: str) -> Sequence[HelpKind]:
    """Return every version of a kind, newest first."""
    statement = select(HelpKindRow).where(col(HelpKindRow.code) == code).order_by(col(HelpKindRow.version).desc())
    return [_domain(row) for row in (await session.execute(statement)).scalars()]


async def lock(session: AsyncSession, community_id: UUID, code: str) -> None:
    """Let one version of a kind be entered at a time.

    Locks/IO: the kind in this community, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"help_kind:{community_id}:{code}"}
    )


async def add(session: AsyncSession, community_id: UUID, kind: HelpKind, entered_by: UUID) -> None:
    """Enter a version."""
    fields = {name: getattr(kind, name) for name in HelpKind.__slots__}
    session.add(HelpKindRow(community_id=community_id, entered_by=entered_by, **fields))
    await session.flush()
