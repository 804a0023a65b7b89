"""What storekeepers note of those who deliver."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from services.points.steps import usecases as steps
from services.points.steps.domain import Step
from services.points.suppliers import repository
from services.points.suppliers.domain import SupplierFacts, steps_between
from services.points.suppliers.models import Supplier
from shared.etags import require_match
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

STOCKERS = (Role.STOREKEEPER, Role.COMMUNITY_ADMIN)


async def create_supplier(*, uow: UnitOfWork, principal: Principal, facts: SupplierFacts, reason: str = "") -> Supplier:
    """Enter a supplier.

    Errors: ForbiddenError; SupplierNameTakenError.
    """
    principal.require(*STOCKERS)
    supplier = Supplier(
        community_id=uow.community_id,
        id=uow.new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        **asdict(facts),
    )
    await repository.add(uow.session, supplier)
    await _record(uow, supplier.id, "enter", facts.standing, principal.account_id, reason)
    return supplier


async def change_supplier(
    *, uow: UnitOfWork, principal: Principal, supplier_id: UUID, facts: SupplierFacts, seen: str, reason: str = ""
) -> Supplier:
    """Replace what is noted of a supplier; batches keep the name they came with.

    Locks/IO: the supplier's row.
    Errors: ForbiddenError; SupplierNotFoundError; PreconditionError; SupplierNameTakenError.
    """
    principal.require(*STOCKERS)
    supplier = await repository.get_for_update(uow.session, supplier_id)
    require_match(seen, supplier.version)
    before = SupplierFacts(**{name: getattr(supplier, name) for name in SupplierFacts.__slots__})
    for name, value in asdict(facts).items():
        setattr(supplier, name, value)
    supplier.version += 1
    supplier.updated_at = uow.now
    await uow.flush()
    for action, became in steps_between(before, facts):
        await _record(uow, supplier_id, action, became, principal.account_id, reason)
    return supplier


async def _record(uow: UnitOfWork, supplier_id: UUID, action: str, became: str, actor: UUID, reason: str) -> None:
    await steps.record_step(
        uow=uow, subject_id=supplier_id, action=action, state=became, account_id=actor, reason=reason
    )


async def list_supplier_steps(
    *, uow: UnitOfWork, principal: Principal, supplier_id: UUID, page: PageRequest
) -> Slice[Step]:
    """Return who entered and changed a supplier, oldest first.

    Errors: ForbiddenError; SupplierNotFoundError.
    """
    await get_supplier(uow=uow, principal=principal, supplier_id=supplier_id)
    return await steps.list_steps(uow=uow, subject_id=supplier_id, page=page)


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
