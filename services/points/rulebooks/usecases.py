"""Adopting the list and looking it up."""

from collections.abc import Sequence
from datetime import date

from services.points.rulebooks import repository
from services.points.rulebooks.domain import Policy, RuleItem, check
from services.points.rulebooks.models import Rulebook
from services.points.rulebooks.repository import RulebookVersion
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork


async def adopt_rulebook(
    *,
    uow: UnitOfWork,
    principal: Principal,
    decision: str,
    effective_on: date,
    policy: Policy,
    items: Sequence[RuleItem],
) -> RulebookVersion:
    """Enter the version that a meeting or vote adopted; earlier versions stay as they are.

    Locks/IO: adoption in this community.
    Errors: ForbiddenError, ItemCodeRepeatedError, PeriodInvalidError.
    """
    principal.require(Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
    check(items, effective_on, local_date(uow.now))
    version = await repository.next_version(uow.session, uow.community_id)
    rulebook = Rulebook(
        community_id=uow.community_id,
        version=version,
        decision=decision,
        effective_on=effective_on,
        panel_quorum=policy.panel_quorum,
        notice_days=policy.notice_days,
        adopted_by=principal.account_id,
        adopted_at=uow.now,
    )
    await repository.add(uow.session, rulebook, items)
    return await repository.get(uow.session, version)


async def get_rulebook(*, uow: UnitOfWork, version: int) -> RulebookVersion:
    """Return a version.

    Errors: RulebookNotFoundError.
    """
    return await repository.get(uow.session, version)


async def get_rulebook_in_force(*, uow: UnitOfWork) -> RulebookVersion:
    """Return the version in force today.

    Errors: RulebookNotFoundError.
    """
    return await repository.get_in_force(uow.session, local_date(uow.now))
