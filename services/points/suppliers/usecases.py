"""What storekeepers note of those who deliver."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.points.suppliers import repository
from services.points.suppliers.models import Supplier
from shared.etags import require_match
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

STOCKERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN)


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """What is noted of a supplier."""

    name: str
    contact: str
    note: str
    is_active: bool


async def create_supplier(*, uow: UnitOfWork, principal: Principal, facts: SupplierFacts) -> Supplier:
    """Enter a supplier.

    Errors: ForbiddenError; SupplierNameTakenError.
    """
    principal.require(*STOCKERS)
    supplier = Supplier(
        community_id=uow.community_id,
        id=uow.new_id(),
        name=facts.name,
        contact=facts.contact,
        note=facts.note,
        is_active=facts.is_active,
        created_at=uow.now,
        updated_at=uow.now,
    )
    await repository.add(uow.session, supplier)
    return supplier


async def change_supplier(
    *, uow: UnitOfWork, principal: Principal, supplier_id: UUID, facts: SupplierFacts, seen: str
) -> Supplier:
    """Replace what is noted of a supplier; batches keep the name they came with.

    Locks/IO: the supplier's row.
    Errors: ForbiddenError; SupplierNotFoundError; PreconditionError; SupplierNameTakenError.
    """
    principal.require(*STOCKERS)
    supplier = await repository.get_for_update(uow.session, supplier_id)
    require_match(seen, supplier.version)
    supplier.name = facts.name
    supplier.contact = facts.contact
    supplier.note = facts.note
    supplier.is_active = facts.is_active
    supplier.version += 1
    supplier.updated_at = uow.now
    await uow.flush()
    return supplier


async def get_supplier(*, uow: UnitOfWork, principal: Principal, supplier_id: UUID) -> Supplier:
    """Return a supplier.

    Errors: ForbiddenError; SupplierNotFoundError.
    """
    principal.require(*STOCKERS, Role.SUPERVISOR)
    return await repository.get(uow.session, supplier_id)


async def list_suppliers(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, name: str, is_active: bool | None
) -> Slice[Supplier]:
    """Return suppliers whose name begins so, oldest first.

    Errors: ForbiddenError.
    """
    principal.require(*STOCKERS, Role.SUPERVISOR)
    return await repository.list_page(uow.session, page, name=name, is_active=is_active)


async def export_suppliers(*, uow: UnitOfWork, principal: Principal) -> Sequence[Supplier]:
    """Return every supplier by name.

    Errors: ForbiddenError.
    """
    principal.require(*STOCKERS, Role.SUPERVISOR)
    return await repository.list_all(uow.session)
