"""Every statement about the inbox. All of them are fenced by the account: an inbox has one reader."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.notifications.inbox.domain import Draft, InboxItem, TargetKind, Topic
from services.notifications.inbox.errors import ItemNotFoundError
from services.notifications.inbox.models import InboxItemRow, MailboxRow
from shared.kernel.ids import IdSource
from shared.kernel.principal import Principal
from shared.pagination import CursorInvalidError, PageRequest, Slice, before


@cache
def _deliver_statement() -> TextClause:
    return text(resources.files(__package__ or "").joinpath("deliver.sql").read_text("utf-8"))


async def deliver(
    session: AsyncSession,
    community_id: UUID,
    draft: Draft,
    account_ids: Sequence[UUID],
    *,
    now: datetime,
    ids: IdSource,
) -> set[UUID]:
    """Put a draft into inboxes and return whose: accounts that know the fact already are left out.

    Locks/IO: one statement; the mailboxes, in the order of `account_ids`, which is that of the ids.
    """
    if not account_ids:
        return set()
    told = await session.execute(
        _deliver_statement(),
        {
            "community_id": community_id,
            "account_ids": list(account_ids),
            "item_ids": [ids() for _ in account_ids],
            "fact_key": draft.fact_key,
            "topic": draft.topic.value,
            "title": draft.title,
            "body": draft.body,
            "target_kind": draft.target_kind.value,
            "target_id": draft.target_id,
            "told_at": now,
        },
    )
    return set(told.scalars())


async def list_items(
    session: AsyncSession,
    principal: Principal,
    page: PageRequest,
    *,
    topic: Topic | None = None,
    is_unread: bool = False,
) -> Slice[InboxItem]:
    """List the caller's items, newest first."""
    statement = select(InboxItemRow).where(*visible_to(principal))
    if topic is not None:
        statement = statement.where(col(InboxItemRow.topic) == topic.value)
    if is_unread:
        statement = statement.where(col(InboxItemRow.read_at).is_(None))
    if (after := _after_sequence(page)) is not None:
        statement = statement.where(before([col(InboxItemRow.sequence)], [after]))
    statement = statement.order_by(col(InboxItemRow.sequence).desc()).limit(page.limit + 1)
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut(rows, page.limit, lambda row: (row.sequence,)).map(_item)


async def list_after(session: AsyncSession, principal: Principal, sequence: int, limit: int) -> Sequence[InboxItem]:
    """Return the caller's items behind a sequence, oldest first."""
    rows = await session.execute(
        select(InboxItemRow)
        .where(*visible_to(principal), col(InboxItemRow.sequence) > sequence)
        .order_by(col(InboxItemRow.sequence))
        .limit(limit)
    )
    return [_item(row) for row in rows.scalars()]


async def get_for_update(session: AsyncSession, principal: Principal, item_id: UUID) -> InboxItem:
    """Return one of the caller's items and lock its row.

    Errors: ItemNotFoundError.
    """
    statement = select(InboxItemRow).where(*visible_to(principal), col(InboxItemRow.id) == item_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ItemNotFoundError
    return _item(row)


async def save(session: AsyncSession, community_id: UUID, item: InboxItem) -> None:
    """Write what can change of an item: when it was read."""
    await session.execute(
        update(InboxItemRow)
        .where(col(InboxItemRow.community_id) == community_id, col(InboxItemRow.id) == item.id)
        .values(read_at=item.read_at)
    )


async def read_all(session: AsyncSession, principal: Principal, up_to: int | None, now: datetime) -> int:
    """Mark everything unread as read, up to a sequence when one is given; return how many items that was."""
    statement = update(InboxItemRow).where(*visible_to(principal), col(InboxItemRow.read_at).is_(None))
    if up_to is not None:
        statement = statement.where(col(InboxItemRow.sequence) <= up_to)
    rows = await session.execute(statement.values(read_at=now).returning(col(InboxItemRow.id)))
    return len(rows.all())


async def count_unread(session: AsyncSession, principal: Principal) -> dict[Topic, int]:
    """Count the caller's unread items by topic."""
    rows = await session.execute(
        select(col(InboxItemRow.topic), func.count())
        .where(*visible_to(principal), col(InboxItemRow.read_at).is_(None))
        .group_by(col(InboxItemRow.topic))
    )
    return {Topic(topic): count for topic, count in rows.all()}


async def newest_sequence(session: AsyncSession, principal: Principal) -> int:
    """Return how far the caller's inbox has got; 0 when it was never told anything."""
    newest = await session.execute(
        select(col(MailboxRow.last_sequence)).where(
            col(MailboxRow.community_id) == principal.community_id, col(MailboxRow.account_id) == principal.account_id
        )
    )
    return newest.scalar_one_or_none() or 0


async def erase(session: AsyncSession, community_id: UUID, account_id: UUID) -> None:
    """Delete an account's whole inbox."""
    for table in (InboxItemRow, MailboxRow):
        await session.execute(
            delete(table).where(col(table.community_id) == community_id, col(table.account_id) == account_id)
        )


def visible_to(principal: Principal) -> tuple[ColumnElement[bool], ...]:
    """Return which rows the caller may see: those of the own inbox, whatever roles there are."""
    return (
        col(InboxItemRow.community_id) == principal.community_id,
        col(InboxItemRow.account_id) == principal.account_id,
    )


def _after_sequence(page: PageRequest) -> int | None:
    if page.after is None:
        return None
    try:
        (sequence,) = page.after
        return int(sequence)
    except ValueError:
        raise CursorInvalidError from None


def _item(row: InboxItemRow) -> InboxItem:
    return InboxItem(
        id=row.id,
        account_id=row.account_id,
        sequence=row.sequence,
        topic=Topic(row.topic),
        title=row.title,
        body=row.body,
        target_kind=TargetKind(row.target_kind),
        target_id=row.target_id,
        told_at=row.told_at,
        read_at=row.read_at,
    )
