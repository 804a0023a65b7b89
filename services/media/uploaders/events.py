"""What is learnt when identity tells of accounts."""

from services.media.uploaders import usecases
from shared.contracts.events import AccountBound, AccountDeleted
from shared.handlers import Handlers
from shared.uow import UnitOfWork


async def on_account_bound(uow: UnitOfWork, event: AccountBound) -> None:
    """Remember the openid, when there is one."""
    if event.wechat_openid is not None:
        await usecases.learn_openid(uow=uow, account_id=event.account_id, openid=event.wechat_openid)


async def on_account_deleted(uow: UnitOfWork, event: AccountDeleted) -> None:
    """Forget the account."""
    await usecases.forget_account(uow=uow, account_id=event.account_id)


HANDLERS: Handlers = {AccountBound: on_account_bound, AccountDeleted: on_account_deleted}
