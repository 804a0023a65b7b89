"""What can be done with the catalogue."""

from services.property.catalogue import repository
from services.property.catalogue.domain import (
    CATEGORIES,
    DEPARTMENTS,
    Category,
    Department,
    tree_order,
)
from services.property.catalogue.errors import CategoryNotFoundError, CategoryNotUsableError
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork


async def adopt_default_catalogue(*, uow: UnitOfWork) -> bool:
    """Give a community without a catalogue the one of the model community; tell whether it was needed.

    Idempotency: a community that has one keeps it as it is.
    """
    if await repository.has_catalogue(uow.session, uow.community_id):
        return False
    await repository.add_departments(uow.session, uow.community_id, DEPARTMENTS)
    await repository.add_categories(uow.session, uow.community_id, CATEGORIES)
    return True


async def list_departments(*, uow: UnitOfWork) -> list[Department]:
    """Return the departments in order."""
    await adopt_default_catalogue(uow=uow)
    return await repository.list_departments(uow.session, uow.community_id)


async def list_categories(*, uow: UnitOfWork) -> list[Category]:
    """Return headings, each followed by its children."""
    await adopt_default_catalogue(uow=uow)
    return tree_order(await repository.list_categories(uow.session, uow.community_id))


async def save_category(*, uow: UnitOfWork, principal: Principal, category: Category) -> Category:
    """Enter a category or change it; tickets keep what was true when they were accepted.

    Errors: ForbiddenError; CategoryNotFoundError for a parent that is not there.
    """
    principal.require(Role.PROPERTY_MANAGER, Role.COMMUNITY_ADMIN)
    await adopt_default_catalogue(uow=uow)
    if not await repository.has_department(uow.session, uow.community_id, category.department):
        raise CategoryNotFoundError(category=category.department)
    if category.parent is not None:
        parent = await repository.find_category(uow.session, uow.community_id, category.parent)
        if parent is None or parent.parent is not None:
            raise CategoryNotFoundError(category=category.parent)
    await repository.save_category(uow.session, uow.community_id, category)
    return category


async def get_usable_category(*, uow: UnitOfWork, code: str) -> Category:
    """Return a category a ticket may be given.

    Errors: CategoryNotFoundError, CategoryNotUsableError for a heading or one that is no longer used.
    """
    await adopt_default_catalogue(uow=uow)
    category = await repository.find_category(uow.session, uow.community_id, code)
    if category is None:
        raise CategoryNotFoundError(category=code)
    if not category.is_active or await repository.has_children(uow.session, uow.community_id, code):
        raise CategoryNotUsableError(name=category.name)
    return category


async def find_category(*, uow: UnitOfWork, code: str) -> Category | None:
    """Return a category, or None."""
    return await repository.find_category(uow.session, uow.community_id, code)


async def list_rare_skills(*, uow: UnitOfWork) -> frozenset[str]:
    """Return the certificates the catalogue asks for: who holds one is spared for jobs that need it."""
    categories = await repository.list_categories(uow.session, uow.community_id)
    return frozenset(category.skill for category in categories if category.skill is not None)
