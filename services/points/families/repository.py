"""Every statement of families."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, column, table, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.points.families.domain import File, unspent_base
from services.points.ledger.errors import AccountNotFoundError
from shared.contracts.events import HouseholdChanged

# Households first, those that went up in them too, in the order of their ids; then their accounts, whose balances are read after the lock.
LOCK: Final = """
    SELECT id FROM points.household WHERE id = ANY (CAST(:ids AS uuid[])) OR merged_into_id = ANY (CAST(:ids AS uuid[]))
    ORDER BY id FOR UPDATE
"""
LOCK_ACCOUNTS: Final = """
    SELECT id FROM points.account WHERE kind = 'household' AND owner_id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
"""
FILES: Final = """
    SELECT h.id, h.status, h.merged_into_id,
        coalesce((SELECT a.available FROM points.account a WHERE a.community_id = h.community_id AND a.kind = 'household'
            AND a.owner_id = h.id AND a.asset = 'standing'), 0) AS standing,
        coalesce((SELECT t.amount FROM points.transfer t WHERE t.community_id = h.community_id AND t.asset = 'standing'
            AND t.kind = 'opening' AND t.source_id = h.id), 0) AS opening_standing,
        coalesce(s.available, 0) AS spendable, coalesce(s.held, 0) AS held,
        coalesce((SELECT t.amount FROM points.transfer t WHERE t.community_id = h.community_id AND t.asset = 'spendable'
            AND t.kind = 'opening' AND t.source_id = h.id), 0) AS opening_spendable,
        coalesce((SELECT sum(t.amount) FROM points.entry e
            JOIN points.transfer t ON t.community_id = e.community_id AND t.id = e.transfer_id AND t.kind = 'merge'
            JOIN points.account a ON a.community_id = t.community_id AND a.id = t.to_account_id AND a.kind = 'system'
            WHERE e.community_id = h.community_id AND e.account_id = s.id), 0) AS base_given_back,
        coalesce((SELECT sum(l.remaining) FROM points.lot l
            WHERE l.community_id = h.community_id AND l.account_id = s.id AND l.expires_at IS NULL), 0) AS lasting,
        coalesce((SELECT sum(u.amount - u.restored) FROM points.lot l
            JOIN points.lot_use u ON u.community_id = l.community_id AND u.lot_id = l.id
            LEFT JOIN points.transfer t ON t.community_id = u.community_id AND t.id = u.used_by
            WHERE l.community_id = h.community_id AND l.account_id = s.id AND l.expires_at IS NULL
                AND t.kind IS DISTINCT FROM 'merge'), 0) AS lasting_spent,
        -coalesce((SELECT a.available FROM points.account a WHERE a.community_id = h.community_id AND a.kind = 'arrears'
            AND a.owner_id = h.id AND a.asset = 'spendable'), 0) AS arrears
    FROM points.household h
    LEFT JOIN points.account s ON s.community_id = h.community_id AND s.kind = 'household' AND s.owner_id = h.id AND s.asset = 'spendable'
    WHERE h.id = ANY (CAST(:ids AS uuid[]))
"""
# Whoever went up in a household that goes up itself belongs to where that goes, so that what still comes in late finds its way.
CLOSE: Final = """
    UPDATE points.household SET status = 'merged', merged_into_id = :into WHERE id = :id OR merged_into_id = :id
"""
CLOSE_ACCOUNTS: Final = """
    UPDATE points.account SET is_closed = true, late_at = NULL
    WHERE kind = 'household' AND owner_id = :id AND (NOT is_closed OR late_at IS NOT NULL)
"""
LATE: Final = """
    SELECT community_id, owner_id FROM points.account WHERE late_at <= :now GROUP BY community_id, owner_id
    ORDER BY min(late_at) LIMIT :limit
"""
# A merged household stays merged, whatever the roster says of it later.
CHANGE: Final = """
    UPDATE points.household SET number = :number, householder_name = :householder_name, grid_id = :grid_id, grid_name = :grid_name,
        building_id = :building_id, building_name = :building_name,
        status = CASE WHEN merged_into_id IS NULL THEN :status ELSE status END
    WHERE id = :id
"""

NAMES: Final = (
    ("gig_place", "worker_name", "worker_account_id = :account_id"),
    ("help_participant", "name", "account_id = :account_id OR resident_id = :resident_id"),
    (
        "adoption",
        "adopter_name",
        "adopter_kind = 'resident' AND (account_id = :account_id OR resident_id = :resident_id)",
    ),
    ("delivery", "volunteer_name", "volunteer_account_id = :account_id"),
    ("stocktake", "clerk_name", "clerk_account_id = :account_id"),
    ("award", "person_name", "resident_id = :resident_id OR {unnamed}"),
    ("talent", "person_name", "resident_id = :resident_id OR {unnamed}"),
    # Last, because the awards above are found by it.
    ("member", "name", "resident_id = :resident_id"),
)
"""Where the name of a person who has an account is kept, and how the person's rows are found."""
UNNAMED: Final = """(resident_id IS NULL AND household_id = :household_id AND person_name =
    (SELECT m.name FROM points.member m WHERE m.resident_id = :resident_id AND m.household_id = :household_id))"""
"""Who was nominated without an id is known by household and name."""


async def get_files_for_update(session: AsyncSession, one: UUID, other: UUID) -> tuple[File, File]:
    """Return two households' files and lock their rows, then their accounts, each in the order of their ids.

    Errors: AccountNotFoundError.
    """
    ids = {"ids": [one, other]}
    for statement in (LOCK, LOCK_ACCOUNTS):
        await session.execute(text(statement), ids)
    files = {row.id: _file(row) for row in (await session.execute(text(FILES), ids)).all()}
    if one not in files or other not in files:
        raise AccountNotFoundError
    return files[one], files[other]


async def find_late(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return closed files in all communities to which something came after their merger, the first to come first."""
    rows = await session.execute(text(LATE), {"now": now, "limit": limit})
    return [(row.community_id, row.owner_id) for row in rows.all()]


async def find_merged_into(session: AsyncSession, household_id: UUID) -> UUID | None:
    """Return the household another one went up in, or None."""
    rows = await session.execute(
        text("SELECT merged_into_id FROM points.household WHERE id = :id"), {"id": household_id}
    )
    return rows.scalar_one_or_none()


async def close(session: AsyncSession, household_id: UUID, merged_into_id: UUID) -> None:
    """Note that a locked household went up in another, with those that went up in it before, and close its locked accounts.

    What came late has been moved by now.
    """
    await session.execute(text(CLOSE), {"id": household_id, "into": merged_into_id})
    await session.execute(text(CLOSE_ACCOUNTS), {"id": household_id})


async def change_households(session: AsyncSession, told: Sequence[HouseholdChanged]) -> None:
    """Write what identity tells of households; one that is not known here is left to its registration."""
    rows = [
        {
            "id": household.household_id,
            "number": household.household_number,
            "householder_name": household.householder_name,
            "grid_id": household.grid_id,
            "grid_name": household.grid_name,
            "building_id": household.building_id,
            "building_name": household.building_name,
            "status": household.status,
        }
        for household in sorted(told, key=lambda household: household.household_id)
    ]
    await session.execute(text(CHANGE), rows)


async def forget_person(
    session: AsyncSession, *, account_id: UUID, resident_id: UUID | None, household_id: UUID | None, instead: str
) -> None:
    """Write `instead` wherever a person's name is kept.

    Locks/IO: the person's rows in each table, one table after the other.
    """
    facts = {"account_id": account_id, "resident_id": resident_id, "household_id": household_id}
    for table_name, name, who in NAMES:
        rows = table(table_name, column(name), schema="points")
        condition = who.format(unnamed=UNNAMED)
        theirs = text(condition).bindparams(
            *(bindparam(key, value, type_=Uuid) for key, value in facts.items() if f":{key}" in condition)
        )
        await session.execute(update(rows).where(rows.c[name] != instead, theirs).values({name: instead}))


def _file(row: Any) -> File:
    return File(
        household_id=row.id,
        status=row.status,
        merged_into_id=row.merged_into_id,
        standing=row.standing,
        opening_standing=row.opening_standing,
        spendable=row.spendable,
        base=unspent_base(
            opening=row.opening_spendable,
            given_back=int(row.base_given_back),
            lasting=int(row.lasting),
            lasting_spent=int(row.lasting_spent),
        ),
        held=row.held,
        arrears=row.arrears,
    )
