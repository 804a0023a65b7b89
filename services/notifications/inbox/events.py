"""What inboxes do when other services tell something: say it to those it concerns, and knock on their open pages."""

from typing import Any

from services.notifications.inbox import usecases
from services.notifications.inbox.wording import TELLERS, put_into_words
from services.notifications.messages import usecases as messages
from services.notifications.recipients import usecases as recipients
from services.notifications.wakeups import Wakeups
from shared.contracts.events import AccountDeleted
from shared.handlers import Handlers
from shared.uow import UnitOfWork


def build_handlers(wakeups: Wakeups) -> Handlers:
    """Return the handlers of every fact there are words for, knocking through `wakeups`."""

    async def on_fact(uow: UnitOfWork, event: Any) -> None:
        wakeups.after_commit(uow, await usecases.tell(uow=uow, drafts=put_into_words(event)))

    return dict.fromkeys(TELLERS, on_fact) | {AccountDeleted: on_account_deleted}


async def on_account_deleted(uow: UnitOfWork, event: AccountDeleted) -> None:
    """Erase all that was kept for an account whose owner wished it gone."""
    await usecases.erase_inbox(uow=uow, account_id=event.account_id)
    await messages.erase_messages(uow=uow, account_id=event.account_id)
    await recipients.forget_account(uow=uow, deleted=event)
