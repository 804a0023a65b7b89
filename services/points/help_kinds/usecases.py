"""Publishing kinds of help and looking them up."""

from collections.abc import Sequence

from services.points.help_kinds import repository
from services.points.help_kinds.domain import HelpKind
from services.points.help_kinds.errors import HelpKindNotFoundError
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork


async def enter_kind(
    *,
    uow: UnitOfWork,
    principal: Principal,
    code: str,
    name: str,
    description: str,
    rate_percent: int,
    is_active: bool,
    decision: str,
) -> HelpKind:
    """Publish a kind of help or its next version; help already asked for keeps the rate it was asked under.

    Locks/IO: the kind in this community.
    Errors: ForbiddenError.
    """
    principal.require(Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)
    await repository.lock(uow.session, uow.community_id, code)
    latest = await repository.find(uow.session, code)
    kind = HelpKind(
        code=code,
        version=1 if latest is None else latest.version + 1,
        name=name,
        description=description,
        rate_percent=rate_percent,
        is_active=is_active,
        decision=decision,
        entered_at=uow.now,
    )
    await repository.add(uow.session, uow.community_id, kind, principal.account_id)
    return kind


async def list_kinds(*, uow: UnitOfWork, is_active: bool | None) -> list[HelpKind]:
    """Return the kinds of help as they stand now, by code."""
    kinds = await repository.list_latest(uow.session)
    return [kind for kind in kinds if is_active is None or kind.is_active is is_active]


async def list_kind_versions(*, uow: UnitOfWork, code: str) -> Sequence[HelpKind]:
    """Return every version of a kind, newest first.

    Errors: HelpKindNotFoundError.
    """
    versions = await repository.list_versions(uow.session, code)
    if not versions:
        raise HelpKindNotFoundError
    return versions


async def get_active_kind(*, uow: UnitOfWork, code: str) -> HelpKind:
    """Return a kind that can be asked for now.

    Errors: HelpKindNotFoundError.
    """
    kind = await repository.find(uow.session, code)
    if kind is None or not kind.is_active:
        raise HelpKindNotFoundError
    return kind
