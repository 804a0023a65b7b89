"""Every statement of suppliers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.suppliers.errors import SupplierNotFoundError
from services.points.suppliers.models import Supplier
from shared.pagination import PageRequest, Slice, beyond


async def add(session: AsyncSession, supplier: Supplier) -> None:
    """Enter a supplier.

    Errors: SupplierNameTakenError (uq_supplier_community_id_name).
    """
    session.add(supplier)
    await session.flush()


async def get(session: AsyncSession, supplier_id: UUID) -> Supplier:
    """Return a supplier.

    Errors: SupplierNotFoundError.
    """
    supplier = (await session.execute(select(Supplier).where(col(Supplier.id) == supplier_id))).scalar_one_or_none()
    if supplier is None:
        raise SupplierNotFoundError
    return supplier


async def get_for_update(session: AsyncSession, supplier_id: UUID) -> Supplier:
    """Return a supplier and lock its row.

    Errors: SupplierNotFoundError.
    """
    statement = select(Supplier).where(col(Supplier.id) == supplier_id).with_for_update()
    supplier = (await session.execute(statement)).scalar_one_or_none()
    if supplier is None:
        raise SupplierNotFoundError
    return supplier


async def list_page(session: AsyncSession, page: PageRequest, *, name: str, is_active: bool | None) -> Slice[Supplier]:
    """Return suppliers whose name begins so, oldest first; a community has dozens, which its own key finds."""
    statement = (
        select(Supplier)
        .where(col(Supplier.name).startswith(name, autoescape=True))
        .order_by(col(Supplier.id))
        .limit(page.limit + 1)
    )
    if is_active is not None:
        statement = statement.where(col(Supplier.is_active).is_(is_active))
    if (after := page.after_id()) is not None:
        statement = statement.where(beyond([col(Supplier.id)], [after]))
    return Slice.cut((await session.execute(statement)).scalars().all(), page.limit, lambda supplier: (supplier.id,))


async def list_all(session: AsyncSession) -> Sequence[Supplier]:
    """Return every supplier by name, for the sheet; a community has dozens."""
    return (await session.execute(select(Supplier).order_by(col(Supplier.name)))).scalars().all()
