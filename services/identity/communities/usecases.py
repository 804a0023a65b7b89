"""What can be done with communities: register one, rename it, tell which there are, keep its settings."""

from datetime import date
from typing import Any
from uuid import UUID

from services.identity.communities import repository
from services.identity.communities.domain import CommunityCard, Level
from services.identity.communities.errors import CommunityNotFoundError, SettingsOutdatedError
from shared.contracts.events import CommunityNamed
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Principal, Role
from shared.pagination import CursorInvalidError, PageRequest, Slice
from shared.uow import UnitOfWork


async def register_community(
    *, uow: UnitOfWork, principal: Principal, code: str, name: str, township: Level, district: Level
) -> UUID:
    """Enter a community, with its township and district where they are new; return its id.

    Errors: ForbiddenError, CommunityCodeTakenError by constraint.
    """
    principal.require(Role.DISTRICT_OFFICER)
    return await open_community(uow=uow, code=code, name=name, township=township, district=district)


async def open_community(*, uow: UnitOfWork, code: str, name: str, township: Level, district: Level) -> UUID:
    """Enter a community at the launcher's word, before there is anybody who could be asked; return its id."""
    district_id = await repository.save_district(uow.session, uow.new_id(), district)
    township_id = await repository.save_township(uow.session, uow.new_id(), district_id, township)
    community_id = uow.new_id()
    await repository.insert_community(
        uow.session,
        {"id": community_id, "township_id": township_id, "code": code, "name": name, "registered_at": uow.now},
    )
    uow.announce(community_id, CommunityNamed(community_id=community_id, code=code, name=name))
    return community_id


async def rename_community(*, uow: UnitOfWork, principal: Principal, community_id: UUID, name: str) -> None:
    """Give a community another name; everything that carries it follows.

    Locks/IO: the community's row.
    Errors: CommunityNotFoundError for any community but the caller's own, ForbiddenError.
    """
    if community_id != principal.community_id:
        raise CommunityNotFoundError
    principal.require(Role.DISTRICT_OFFICER)
    code = await repository.rename(uow.session, community_id, name)
    if code is None:
        raise CommunityNotFoundError
    uow.announce(community_id, CommunityNamed(community_id=community_id, code=code, name=name))


async def list_communities(*, uow: UnitOfWork, page: PageRequest) -> Slice[CommunityCard]:
    """Return a page of communities; anybody may know them, since one must be chosen before signing in.

    Errors: CursorInvalidError.
    """
    after: tuple[str, UUID] | None = None
    if page.after is not None:
        try:
            code, row_id = page.after
            after = code, UUID(row_id)
        except ValueError:
            raise CursorInvalidError from None
    return await repository.list_communities(uow.session, after=after, limit=page.limit)


async def get_community(*, uow: UnitOfWork, community_id: UUID) -> CommunityCard:
    """Return a community.

    Errors: CommunityNotFoundError.
    """
    card = await repository.find_community(uow.session, community_id)
    if card is None:
        raise CommunityNotFoundError
    return card


async def get_settings(*, uow: UnitOfWork, principal: Principal, community_id: UUID) -> Any | None:
    """Return the newest version of the settings, None while there is none.

    Errors: CommunityNotFoundError for any community but the caller's own.
    """
    if community_id != principal.community_id:
        raise CommunityNotFoundError
    return await repository.latest_settings(uow.session)


async def adopt_settings(
    *,
    uow: UnitOfWork,
    principal: Principal,
    community_id: UUID,
    based_on: int,
    settings: dict[str, Any],
    effective_on: date,
    decision: str,
) -> None:
    """Append a version of the settings, with the decision that adopted it.

    Errors: CommunityNotFoundError, ForbiddenError, SettingsOutdatedError when `based_on` is not the newest version.
    """
    if community_id != principal.community_id:
        raise CommunityNotFoundError
    if not principal.has(Role.COMMUNITY_ADMIN):
        raise ForbiddenError(required_roles=[Role.COMMUNITY_ADMIN.value])
    latest = await repository.latest_settings(uow.session)
    if based_on != (latest.version if latest else 0):
        raise SettingsOutdatedError
    row = {
        "community_id": uow.community_id,
        "version": based_on + 1,
        "settings": settings,
        "effective_on": effective_on,
        "decision": decision,
        "decided_by": principal.account_id,
        "created_at": uow.now,
    }
    await repository.insert_settings(uow.session, row)
