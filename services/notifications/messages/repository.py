"""Every statement about messages, wallets and quiet hours."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.notifications.messages.domain import STUCK_AFTER, Message, MessageState, Outcome
from services.notifications.messages.models import MessageRow, QuietHoursRow, WalletRow
from services.notifications.messages.quiet_hours import QuietHours
from services.notifications.messages.templates import TemplateKey
from services.notifications.messages.wallet import Wallet


async def get_wallet_for_update(
    session: AsyncSession, community_id: UUID, account_id: UUID, template: TemplateKey
) -> Wallet:
    """Return a wallet and lock its row, which is made when there is none yet."""
    key = {"community_id": community_id, "account_id": account_id, "template": template.value}
    await session.execute(insert(WalletRow).values(**key, grants=0).on_conflict_do_nothing())
    grants = await session.execute(
        select(col(WalletRow.grants))
        .where(
            col(WalletRow.community_id) == community_id,
            col(WalletRow.account_id) == account_id,
            col(WalletRow.template) == template.value,
        )
        .with_for_update()
    )
    return Wallet(grants.scalar_one())


async def save_wallet(
    session: AsyncSession, community_id: UUID, account_id: UUID, template: TemplateKey, wallet: Wallet
) -> None:
    """Write a wallet."""
    await session.execute(
        update(WalletRow)
        .where(
            col(WalletRow.community_id) == community_id,
            col(WalletRow.account_id) == account_id,
            col(WalletRow.template) == template.value,
        )
        .values(grants=wallet.grants)
    )


async def list_wallets(session: AsyncSession, community_id: UUID, account_id: UUID) -> Mapping[TemplateKey, Wallet]:
    """Return an account's wallets."""
    rows = await session.execute(
        select(col(WalletRow.template), col(WalletRow.grants)).where(
            col(WalletRow.community_id) == community_id, col(WalletRow.account_id) == account_id
        )
    )
    return {TemplateKey(template): Wallet(grants) for template, grants in rows.all()}


async def list_granting(
    session: AsyncSession, community_id: UUID, template: TemplateKey, account_ids: Sequence[UUID]
) -> Sequence[UUID]:
    """Return which of the accounts have a grant for the template, in the order of their ids."""
    rows = await session.execute(
        select(col(WalletRow.account_id))
        .where(
            col(WalletRow.community_id) == community_id,
            col(WalletRow.template) == template.value,
            col(WalletRow.grants) > 0,
            col(WalletRow.account_id).in_(account_ids),
        )
        .order_by(col(WalletRow.account_id))
    )
    return list(rows.scalars())


async def add(session: AsyncSession, messages: Sequence[Message]) -> None:
    """Insert messages; one about the same fact to the same account is not inserted again."""
    if messages:
        rows = [_values(message) for message in messages]
        await session.execute(insert(MessageRow).on_conflict_do_nothing(), rows)


async def find_for_update(
    session: AsyncSession, community_id: UUID, message_id: UUID, *, waits: bool = False
) -> Message | None:
    """Return a message and lock its row; None when there is none.

    Locks/IO: a row somebody else has locked counts as none, unless the caller `waits` for it.
    """
    statement = (
        select(MessageRow)
        .where(col(MessageRow.community_id) == community_id, col(MessageRow.id) == message_id)
        .with_for_update(skip_locked=not waits)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _message(row)


async def save(session: AsyncSession, message: Message) -> None:
    """Write what can change of a message."""
    await session.execute(
        update(MessageRow)
        .where(col(MessageRow.community_id) == message.community_id, col(MessageRow.id) == message.message_id)
        .values(
            state=message.state.value,
            send_after=message.send_after,
            attempts=message.attempts,
            outcome=None if message.outcome is None else message.outcome.value,
            begun_at=message.begun_at,
            finished_at=message.finished_at,
        )
    )


async def list_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, message) of what may be sent now, oldest first. Called as the worker role."""
    statement = (
        select(col(MessageRow.community_id), col(MessageRow.id))
        .where(col(MessageRow.state) == MessageState.QUEUED.value, col(MessageRow.send_after) <= now)
        .order_by(col(MessageRow.send_after))
        .limit(limit)
    )
    return [(community_id, message_id) for community_id, message_id in (await session.execute(statement)).all()]


async def list_stuck(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (community, message) of attempts nobody ended, oldest first. Called as the worker role."""
    statement = (
        select(col(MessageRow.community_id), col(MessageRow.id))
        .where(col(MessageRow.state) == MessageState.SENDING.value, col(MessageRow.begun_at) <= now - STUCK_AFTER)
        .order_by(col(MessageRow.begun_at))
        .limit(limit)
    )
    return [(community_id, message_id) for community_id, message_id in (await session.execute(statement)).all()]


async def find_quiet_hours(session: AsyncSession, community_id: UUID, now: datetime) -> QuietHours | None:
    """Return the quiet hours a community has decided on, or None when it never did."""
    row = (
        await session.execute(
            select(QuietHoursRow)
            .where(col(QuietHoursRow.community_id) == community_id, col(QuietHoursRow.effective_at) <= now)
            .order_by(col(QuietHoursRow.effective_at).desc())
            .limit(1)
        )
    ).scalar_one_or_none()
    return None if row is None else QuietHours(row.starts, row.ends)


async def add_quiet_hours(
    session: AsyncSession, community_id: UUID, quiet: QuietHours, *, now: datetime, decision: str, decided_by: UUID
) -> None:
    """Insert quiet hours that hold from now on; the earlier ones stay on record."""
    await session.execute(
        insert(QuietHoursRow).values(
            community_id=community_id,
            effective_at=now,
            starts=quiet.start,
            ends=quiet.end,
            decision=decision,
            decided_by=decided_by,
        )
    )


async def erase(session: AsyncSession, community_id: UUID, account_id: UUID) -> None:
    """Delete an account's wallets and messages."""
    for table in (WalletRow, MessageRow):
        await session.execute(
            delete(table).where(col(table.community_id) == community_id, col(table.account_id) == account_id)
        )


def _values(message: Message) -> dict[str, Any]:
    return {
        "community_id": message.community_id,
        "id": message.message_id,
        "account_id": message.account_id,
        "template": message.template.value,
        "fact_key": message.fact_key,
        "page": message.page,
        "fields": dict(message.fields),
        "state": message.state.value,
        "send_after": message.send_after,
        "expires_at": message.expires_at,
        "attempts": message.attempts,
        "outcome": None,
        "begun_at": None,
        "finished_at": None,
    }


def _message(row: MessageRow) -> Message:
    return Message(
        message_id=row.id,
        community_id=row.community_id,
        account_id=row.account_id,
        template=TemplateKey(row.template),
        fact_key=row.fact_key,
        page=row.page,
        fields=row.fields,
        state=MessageState(row.state),
        send_after=row.send_after,
        expires_at=row.expires_at,
        attempts=row.attempts,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        begun_at=row.begun_at,
        finished_at=row.finished_at,
    )
