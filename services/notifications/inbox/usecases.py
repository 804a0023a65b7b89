"""What is done with inboxes: tell people, and read what one was told."""

from collections.abc import Sequence
from uuid import UUID

from services.notifications.inbox import domain, repository
from services.notifications.inbox.domain import Draft, InboxItem, Topic, Unread
from services.notifications.inbox.pages import page_of
from services.notifications.messages import usecases as messages
from services.notifications.recipients import usecases as recipients
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

STREAM_BATCH = 100


async def tell(*, uow: UnitOfWork, drafts: Sequence[Draft]) -> set[UUID]:
    """Tell each draft to its audience, in the inbox and, where it asks for it, on the telephone; return who was told something.

    Locks/IO: the mailboxes of each audience, in the order of account ids.
    Idempotency: by the draft's fact key and the account; a fact heard again tells nobody twice.
    """
    everyone: set[UUID] = set()
    for draft in drafts:
        audience = await recipients.resolve_audience(uow=uow, audience=draft.audience)
        told = await repository.deliver(uow.session, uow.community_id, draft, audience, now=uow.now, ids=uow.new_id)
        if draft.push is not None and told:
            await messages.queue_messages(
                uow=uow,
                account_ids=sorted(told),
                template=draft.push.template,
                fact_key=draft.fact_key,
                page=page_of(draft.target_kind, draft.target_id),
                facts={"subject": draft.push.subject, "state": draft.push.state, "hint": draft.push.hint},
            )
        everyone |= told
    return everyone


async def list_items(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, topic: Topic | None = None, is_unread: bool = False
) -> Slice[InboxItem]:
    """List the caller's items, newest first."""
    return await repository.list_items(uow.session, principal, page, topic=topic, is_unread=is_unread)


async def get_unread(*, uow: UnitOfWork, principal: Principal) -> Unread:
    """Count what the caller has not read."""
    return domain.count_unread(await repository.count_unread(uow.session, principal))


async def read_item(*, uow: UnitOfWork, principal: Principal, item_id: UUID) -> InboxItem:
    """Mark one of the caller's items as read.

    Locks/IO: the item's row.
    Errors: ItemNotFoundError.
    Idempotency: the first reading counts; a second one changes nothing.
    """
    item = domain.read(await repository.get_for_update(uow.session, principal, item_id), uow.now)
    await repository.save(uow.session, uow.community_id, item)
    return item


async def read_all(*, uow: UnitOfWork, principal: Principal, up_to: int | None) -> Unread:
    """Mark the caller's items as read, up to the newest one the page has shown; return what is still unread.

    Idempotency: what is read stays read; what came meanwhile stays unread when `up_to` is given.
    """
    await repository.read_all(uow.session, principal, up_to, uow.now)
    return await get_unread(uow=uow, principal=principal)


async def read_on(*, uow: UnitOfWork, principal: Principal, after: int) -> Sequence[InboxItem]:
    """Return the caller's items behind a sequence, oldest first, at most STREAM_BATCH of them."""
    return await repository.list_after(uow.session, principal, after, STREAM_BATCH)


async def get_newest_sequence(*, uow: UnitOfWork, principal: Principal) -> int:
    """Return how far the caller's inbox has got."""
    return await repository.newest_sequence(uow.session, principal)


async def erase_inbox(*, uow: UnitOfWork, account_id: UUID) -> None:
    """Delete everything an account was told, when the account is deleted at its owner's wish."""
    await repository.erase(uow.session, uow.community_id, account_id)
