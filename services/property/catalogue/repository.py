"""Every statement over departments and categories."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.property.catalogue.domain import Category, Department
from services.property.catalogue.models import CategoryRow, DepartmentRow
from services.property.tickets.transitions import Priority

_CATEGORY = (
    col(CategoryRow.code),
    col(CategoryRow.parent),
    col(CategoryRow.department),
    col(CategoryRow.name),
    col(CategoryRow.priority),
    col(CategoryRow.skill),
    col(CategoryRow.expected_minutes),
    col(CategoryRow.needs_after_photo),
    col(CategoryRow.is_safety),
    col(CategoryRow.is_active),
    col(CategoryRow.position),
)


def _category(row: Any) -> Category:
    return Category(**{**row._mapping, "priority": Priority(row.priority)})  # noqa: SLF001 - SQLAlchemy's public spelling.


async def has_catalogue(session: AsyncSession, community_id: UUID) -> bool:
    """Tell whether the community has a catalogue."""
    query = select(exists().where(col(DepartmentRow.community_id) == community_id))
    return bool((await session.execute(query)).scalar_one())


async def add_departments(session: AsyncSession, community_id: UUID, departments: Sequence[Department]) -> None:
    """Enter departments that are not there yet."""
    rows = [
        {"community_id": community_id, "code": d.code, "name": d.name, "calendar": d.calendar, "position": d.position}
        for d in departments
    ]
    await session.execute(insert(DepartmentRow).values(rows).on_conflict_do_nothing())


async def add_categories(session: AsyncSession, community_id: UUID, categories: Sequence[Category]) -> None:
    """Enter categories that are not there yet; headings come first because children name them."""
    rows = [
        {
            "community_id": community_id,
            "code": c.code,
            "parent": c.parent,
            "department": c.department,
            "name": c.name,
            "priority": c.priority.value,
            "skill": c.skill,
            "expected_minutes": c.expected_minutes,
            "needs_after_photo": c.needs_after_photo,
            "is_safety": c.is_safety,
            "is_active": c.is_active,
            "position": c.position,
        }
        for c in sorted(categories, key=lambda c: c.parent is not None)
    ]
    await session.execute(insert(CategoryRow).values(rows).on_conflict_do_nothing())


async def save_category(session: AsyncSession, community_id: UUID, category: Category) -> None:
    """Enter a category or change it."""
    values = {
        "parent": category.parent,
        "department": category.department,
        "name": category.name,
        "priority": category.priority.value,
        "skill": category.skill,
        "expected_minutes": category.expected_minutes,
        "needs_after_photo": category.needs_after_photo,
        "is_safety": category.is_safety,
        "is_active": category.is_active,
        "position": category.position,
    }
    statement = insert(CategoryRow).values(community_id=community_id, code=category.code, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["community_id", "code"], set_=values))


async def list_departments(session: AsyncSession, community_id: UUID) -> list[Department]:
    """Return the departments in order."""
    query = (
        select(
            col(DepartmentRow.code), col(DepartmentRow.name), col(DepartmentRow.calendar), col(DepartmentRow.position)
        )
        .where(col(DepartmentRow.community_id) == community_id)
        .order_by(col(DepartmentRow.position))
    )
    return [Department(*row) for row in await session.execute(query)]


async def list_categories(session: AsyncSession, community_id: UUID) -> list[Category]:
    """Return every category, in no promised order."""
    query = select(*_CATEGORY).where(col(CategoryRow.community_id) == community_id)
    return [_category(row) for row in await session.execute(query)]


async def find_category(session: AsyncSession, community_id: UUID, code: str) -> Category | None:
    """Return a category, or None."""
    query = select(*_CATEGORY).where(col(CategoryRow.community_id) == community_id, col(CategoryRow.code) == code)
    row = (await session.execute(query)).first()
    return None if row is None else _category(row)


async def has_children(session: AsyncSession, community_id: UUID, code: str) -> bool:
    """Tell whether a category is a heading."""
    query = select(exists().where(col(CategoryRow.community_id) == community_id, col(CategoryRow.parent) == code))
    return bool((await session.execute(query)).scalar_one())


async def has_department(session: AsyncSession, community_id: UUID, code: str) -> bool:
    """Tell whether there is such a department."""
    query = select(exists().where(col(DepartmentRow.community_id) == community_id, col(DepartmentRow.code) == code))
    return bool((await session.execute(query)).scalar_one())
