"""What is done with recipients: learn from identity, and resolve an audience."""

from collections.abc import Sequence
from uuid import UUID

from services.notifications.recipients import repository
from services.notifications.recipients.domain import (
    Accounts,
    Audience,
    Holders,
    Household,
    People,
    Recipient,
    Residents,
)
from services.notifications.recipients.models import HouseholdPlaceRow
from shared.contracts.events import (
    AccountBound,
    AccountDeleted,
    HouseholdChanged,
    HouseholdRegistered,
    ResidentLeft,
    RoleGranted,
    RoleRevoked,
)
from shared.kernel.clock import local_date
from shared.uow import UnitOfWork


async def learn_account(*, uow: UnitOfWork, bound: AccountBound) -> None:
    """Remember whom an account belongs to.

    Idempotency: the last told wins.
    """
    recipient = Recipient(bound.account_id, bound.kind, bound.household_id, bound.resident_id, bound.wechat_openid)
    await repository.put(uow.session, uow.community_id, recipient)


async def forget_account(*, uow: UnitOfWork, deleted: AccountDeleted) -> None:
    """Forget an account and its roles; what its inbox held is erased by the inbox itself."""
    await repository.remove(uow.session, uow.community_id, deleted.account_id)


async def leave_household(*, uow: UnitOfWork, left: ResidentLeft) -> None:
    """Tell a person no more about a household they left."""
    await repository.leave_household(uow.session, uow.community_id, left.resident_id, left.household_id)


async def learn_places(*, uow: UnitOfWork, told: Sequence[HouseholdRegistered | HouseholdChanged]) -> None:
    """Remember where households live.

    Idempotency: the last told wins.
    """
    await repository.put_places(
        uow.session,
        [
            HouseholdPlaceRow(
                community_id=uow.community_id,
                household_id=fact.household_id,
                grid_id=fact.grid_id,
                building_id=fact.building_id,
            )
            for fact in told
        ],
    )


async def learn_role(*, uow: UnitOfWork, granted: RoleGranted) -> None:
    """Remember a role and its period."""
    await repository.put_role(uow.session, uow.community_id, granted)


async def forget_role(*, uow: UnitOfWork, revoked: RoleRevoked) -> None:
    """Forget a role."""
    await repository.remove_role(uow.session, uow.community_id, revoked)


async def resolve_audience(*, uow: UnitOfWork, audience: Audience) -> Sequence[UUID]:
    """Return the accounts an audience consists of now, each once, in the order of their ids."""
    session, community_id = uow.session, uow.community_id
    match audience:
        case Accounts(account_ids):
            return sorted({account_id for account_id in account_ids if account_id is not None})
        case Household(household_id):
            return await repository.list_of_household(session, community_id, household_id)
        case People(resident_ids):
            return await repository.list_people(session, community_id, resident_ids)
        case Holders():
            return await repository.list_holders(session, community_id, audience, local_date(uow.now))
        case Residents():
            return await repository.list_residents(session, community_id, audience)


async def find_openid(*, uow: UnitOfWork, account_id: UUID) -> str | None:
    """Return under which openid WeChat knows an account, if it ever signed in there."""
    recipient = await repository.find(uow.session, uow.community_id, account_id)
    return None if recipient is None else recipient.wechat_openid
