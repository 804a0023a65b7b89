"""Every statement of seals. They read the books as one statement sees them, so that entries written meanwhile are wholly in or wholly out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.ledger.domain import SystemAccount
from services.points.seals.domain import Head, Seal
from services.points.seals.errors import SealNotFoundError
from services.points.seals.models import SealRow, SealSchedule
from shared.db import Database
from shared.pagination import PageRequest, Slice, before
from shared.uow import open_session

# One statement is one snapshot, whatever is posted while it runs.
BOOKS: Final = """
    SELECT a.id, a.kind, a.asset, a.version, a.head, a.available + a.held AS amount, NULL::uuid AS owner_id
    FROM points.account a WHERE a.kind <> 'system' AND a.version > 0
    UNION ALL
    SELECT a.id, a.kind, a.asset, 0, NULL, coalesce(
        (SELECT sum(e.amount) FROM points.entry e WHERE e.community_id = a.community_id AND e.account_id = a.id AND e.version IS NULL), 0), a.owner_id
    FROM points.account a WHERE a.kind = 'system'
"""
MOVED: Final = """
    INSERT INTO points.seal_leaf (community_id, number, account_id, version, head, amount)
    SELECT :community_id, :number, h.account_id, h.version, h.head, h.amount
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS bigint[]), CAST(:heads AS bytea[]), CAST(:amounts AS bigint[]))
        AS h (account_id, version, head, amount)
    WHERE h.version IS DISTINCT FROM (
        SELECT l.version FROM points.seal_leaf l WHERE l.community_id = :community_id AND l.account_id = h.account_id
        ORDER BY l.number DESC LIMIT 1)
"""

EXPORTS: Final[Mapping[str, str]] = {
    "accounts": """
        SELECT id, kind, owner_id AS owner, asset, available, held, version, head FROM points.account ORDER BY id
    """,
    "transfers": """
        SELECT id, asset, kind, amount, from_account_id AS from, to_account_id AS to, source_id AS source, summary, rule_version,
            acting_account_id AS actor, reverses_id AS reverses, event_at, created_at FROM points.transfer ORDER BY id
    """,
    "entries": """
        SELECT id, account_id AS account, version, transfer_id AS transfer, hold_id AS hold, amount, available_after, held_after,
            previous_hash AS previous, hash, created_at FROM points.entry ORDER BY account_id, version, id
    """,
    "seals": """
        SELECT number, made_at, accounts, root, totals, previous_hash AS previous, hash FROM points.seal ORDER BY number
    """,
    "leaves": "SELECT number, account_id AS account, version, head, amount FROM points.seal_leaf ORDER BY number, account_id",
    "periods": """
        SELECT p.id, p.number, p.name, p.begins_on, p.ends_on, e.begins_at, e.ends_at, e.edition, e.previous_period_id AS previous, p.root,
            e.root AS edition_root, p.sealed_at, p.ledger_seal_number AS seal, p.ledger_seal_root AS seal_root
        FROM points.period p
        JOIN points.statement_edition e ON e.community_id = p.community_id AND e.period_id = p.id AND e.edition = p.edition
        WHERE p.state = 'sealed' ORDER BY p.number
    """,
    "statements": """
        SELECT t.period_id AS period, t.level, t.subject_id AS subject, t.grid_id AS grid, t.building_id AS building, t.households,
            t.standing_opening, t.standing_added, t.standing_taken, t.standing_corrected, t.standing_closing,
            t.spendable_opening, t.spendable_added, t.spendable_taken, t.spendable_corrected, t.spendable_closing, t.claims, t.deductions
        FROM points.period p
        JOIN points.statement_total t ON t.community_id = p.community_id AND t.period_id = p.id AND t.edition = p.edition
        WHERE p.state = 'sealed' ORDER BY p.number, t.level COLLATE "C", t.subject_id
    """,
}


async def lock_schedule(
    session: AsyncSession, community_id: UUID, now: datetime, *, only_due: bool
) -> SealSchedule | None:
    """Lock a community's schedule, entered when it has none; None when nothing is due or, for the sweep, somebody is at it."""
    if only_due:
        due = select(SealSchedule).where(col(SealSchedule.due_at) <= now).with_for_update(skip_locked=True)
        return (await session.execute(due)).scalar_one_or_none()
    entered = insert(SealSchedule).values(community_id=community_id, due_at=now)
    await session.execute(entered.on_conflict_do_nothing(index_elements=["community_id"]))
    return (await session.execute(select(SealSchedule).with_for_update())).scalar_one()


async def postpone(session: AsyncSession, due_at: datetime) -> None:
    """Enter when the locked schedule is due next."""
    await session.execute(update(SealSchedule).values(due_at=due_at))


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return communities whose daily seal is due, each twice, as a sweep wants it."""
    statement = (
        select(col(SealSchedule.community_id), col(SealSchedule.community_id))
        .where(col(SealSchedule.due_at) <= now)
        .order_by(col(SealSchedule.due_at))
        .limit(limit)
    )
    return [(community, row_id) for community, row_id in (await session.execute(statement)).all()]


async def read_books(session: AsyncSession) -> tuple[list[Head], dict[tuple[str, str], int]]:
    """Return where every live account stands, and what each system account comes to, all at one moment."""
    heads: list[Head] = []
    system: dict[tuple[str, str], int] = {}
    names = await _system_names(session)
    for row in (await session.execute(text(BOOKS))).all():
        if row.kind == "system":
            system[row.asset, names.get(row.owner_id, str(row.owner_id))] = int(row.amount)
        else:
            heads.append(Head(row.id, row.kind, row.asset, row.version, row.head, int(row.amount)))
    return heads, system


async def _system_names(session: AsyncSession) -> dict[UUID, str]:
    rows = await session.execute(
        text(
            "SELECT name, points.derived_id('00000000-0000-0000-0000-000000000000', name) AS id"
            " FROM unnest(CAST(:names AS text[])) AS name"
        ),
        {"names": [str(name) for name in SystemAccount]},
    )
    return {row.id: row.name for row in rows.all()}


async def add(session: AsyncSession, seal: Seal, heads: Sequence[Head], made_by: UUID | None) -> None:
    """Enter a seal and the leaves that moved since the one before."""
    session.add(
        SealRow(
            community_id=seal.community_id,
            number=seal.number,
            made_at=seal.made_at,
            made_by=made_by,
            accounts=seal.accounts,
            root=seal.root,
            totals={asset: dict(owners) for asset, owners in seal.totals.items()},
            previous_hash=seal.previous_hash,
            hash=seal.hash,
        )
    )
    await session.flush()
    await session.execute(
        text(MOVED),
        {
            "community_id": seal.community_id,
            "number": seal.number,
            "ids": [head.account_id for head in heads],
            "versions": [head.version for head in heads],
            "heads": [head.head for head in heads],
            "amounts": [head.amount for head in heads],
        },
    )


async def find_latest(session: AsyncSession) -> Seal | None:
    """Return the community's last seal, or None."""
    statement = select(SealRow).order_by(col(SealRow.number).desc()).limit(1)
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _domain(row)


async def get(session: AsyncSession, number: int) -> Seal:
    """Return a seal by its number.

    Errors: SealNotFoundError.
    """
    row = (await session.execute(select(SealRow).where(col(SealRow.number) == number))).scalar_one_or_none()
    if row is None:
        raise SealNotFoundError
    return _domain(row)


async def list_page(session: AsyncSession, page: PageRequest) -> Slice[Seal]:
    """Return seals, newest first."""
    statement = select(SealRow).order_by(col(SealRow.number).desc()).limit(page.limit + 1)
    if (after := page.after_number()) is not None:
        statement = statement.where(before([col(SealRow.number)], [after]))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda seal: (seal.number,))


async def list_leaves(session: AsyncSession, number: int) -> list[Head]:
    """Return where every account stood when a seal was made."""
    rows = await session.execute(
        text(
            "SELECT DISTINCT ON (l.account_id) l.account_id, a.kind, a.asset, l.version, l.head, l.amount FROM points.seal_leaf l"
            " JOIN points.account a ON a.community_id = l.community_id AND a.id = l.account_id"
            " WHERE l.number <= :number ORDER BY l.account_id, l.number DESC"
        ),
        {"number": number},
    )
    return [Head(*row) for row in rows.all()]


@asynccontextmanager
async def snapshot(database: Database, community_id: UUID) -> AsyncIterator[AsyncSession]:
    """Open a session in which a community's books stand still, whatever is posted meanwhile; it can change nothing.

    IO: one connection for the whole block.
    """
    engine = database.app.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    async with open_session(database, engine) as session:
        await session.execute(
            text("SELECT set_config('app.community_id', :id, true), set_config('statement_timeout', '60s', true)"),
            {"id": str(community_id)},
        )
        yield session


async def stream(session: AsyncSession, member: str) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Yield the rows of one member of an export, a thousand at a time."""
    rows = await session.stream(text(EXPORTS[member]), execution_options={"yield_per": 1000})
    async for part in rows.mappings().partitions():
        yield [dict(row) for row in part]


def _domain(row: SealRow) -> Seal:
    return Seal(
        community_id=row.community_id,
        number=row.number,
        made_at=row.made_at,
        accounts=row.accounts,
        root=row.root,
        totals=row.totals,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
