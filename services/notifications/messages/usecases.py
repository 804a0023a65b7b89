"""What is done with messages: note what people accept, queue, and the two halves of an attempt with the network in between."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from services.notifications.messages import domain, repository
from services.notifications.messages.domain import Message, MessageState, Outcome
from services.notifications.messages.errors import FieldEmptyError
from services.notifications.messages.quiet_hours import QuietHours
from services.notifications.messages.templates import TEMPLATES, TemplateKey, china_time, render
from services.notifications.messages.wallet import Answer, Wallet
from services.notifications.recipients import usecases as recipients
from shared.kernel.principal import Principal, Role
from shared.uow import UnitOfWork

log = structlog.get_logger(__name__)


async def answer_dialogue(
    *, uow: UnitOfWork, principal: Principal, answers: Mapping[TemplateKey, Answer]
) -> Mapping[TemplateKey, Wallet]:
    """Note what the caller chose in WeChat's dialogue and return all of the caller's wallets.

    Locks/IO: the wallets, in the order of template names.
    Idempotency: by the Idempotency-Key only; WeChat counts every acceptance, so a repeated one counts again.
    """
    for template in sorted(answers):
        wallet = await repository.get_wallet_for_update(uow.session, uow.community_id, principal.account_id, template)
        answered = wallet.answered(answers[template])
        await repository.save_wallet(uow.session, uow.community_id, principal.account_id, template, answered)
    return await list_wallets(uow=uow, principal=principal)


async def list_wallets(*, uow: UnitOfWork, principal: Principal) -> Mapping[TemplateKey, Wallet]:
    """Return the caller's wallet of every template."""
    known = await repository.list_wallets(uow.session, uow.community_id, principal.account_id)
    return {template: known.get(template, Wallet()) for template in TemplateKey}


async def get_quiet_hours(*, uow: UnitOfWork) -> QuietHours:
    """Return the community's quiet hours; those of the house when it has decided nothing."""
    return await repository.find_quiet_hours(uow.session, uow.community_id, uow.now) or QuietHours()


async def decide_quiet_hours(*, uow: UnitOfWork, principal: Principal, quiet: QuietHours, decision: str) -> QuietHours:
    """Put new quiet hours in force, with the decision that says so. Messages queued before keep their time.

    Errors: ForbiddenError for anybody but the community's administrator.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    await repository.add_quiet_hours(
        uow.session, uow.community_id, quiet, now=uow.now, decision=decision, decided_by=principal.account_id
    )
    return quiet


async def queue_messages(
    *,
    uow: UnitOfWork,
    account_ids: Sequence[UUID],
    template: TemplateKey,
    fact_key: str,
    page: str,
    facts: Mapping[str, str],
) -> int:
    """Queue a message to those of the accounts that accepted one, opening `page`; return how many.

    A text that WeChat would refuse is not queued: the inbox has told it, and the log says what is missing.
    Idempotency: by fact key, account and template.
    """
    granting = await repository.list_granting(uow.session, uow.community_id, template, account_ids)
    if not granting:
        return 0
    wording = TEMPLATES[template]
    try:
        fields = render(wording, {"at": china_time(uow.now), **facts})
    except FieldEmptyError as error:
        log.warning("message_not_queued", template=template.value, fact_key=fact_key, field=error.facts["field"])
        return 0
    quiet = await get_quiet_hours(uow=uow)
    messages = [
        domain.queue(
            message_id=uow.new_id(),
            community_id=uow.community_id,
            account_id=account_id,
            template=template,
            fact_key=fact_key,
            page=page,
            fields=fields,
            quiet=quiet,
            now=uow.now,
        )
        for account_id in granting
    ]
    await repository.add(uow.session, messages)
    return len(messages)


async def begin_sending(*, uow: UnitOfWork, message_id: UUID) -> tuple[Message, str] | None:
    """Open an attempt and set a grant aside; return the message and the openid it goes to when it is to be sent now.

    Locks/IO: the message's row (skipped when another worker is at it), then the wallet's.
    Idempotency: None for a message that is not waiting, so two workers never send the same one.
    """
    message = await repository.find_for_update(uow.session, uow.community_id, message_id)
    if message is None or message.state is not MessageState.QUEUED or message.send_after > uow.now:
        return None
    openid = await recipients.find_openid(uow=uow, account_id=message.account_id)
    if openid is None:
        await repository.save(uow.session, domain.finish(message, Outcome.NO_OPENID, uow.now))
        return None
    wallet = await repository.get_wallet_for_update(uow.session, uow.community_id, message.account_id, message.template)
    begun, left = domain.begin(message, wallet, uow.now)
    await repository.save(uow.session, begun)
    await repository.save_wallet(uow.session, uow.community_id, message.account_id, message.template, left)
    return (begun, openid) if begun.state is MessageState.SENDING else None


async def settle_sending(*, uow: UnitOfWork, message_id: UUID, outcome: Outcome) -> Message | None:
    """End an attempt by what WeChat answered; None when somebody else has ended it.

    Locks/IO: the message's row, waiting for whoever is just looking at it, then the wallet's.
    """
    message = await repository.find_for_update(uow.session, uow.community_id, message_id, waits=True)
    if message is None or message.state is not MessageState.SENDING:
        return None
    wallet = await repository.get_wallet_for_update(uow.session, uow.community_id, message.account_id, message.template)
    settled, left = domain.settle(message, wallet, outcome, await get_quiet_hours(uow=uow), uow.now)
    await repository.save(uow.session, settled)
    await repository.save_wallet(uow.session, uow.community_id, message.account_id, message.template, left)
    return settled


async def give_up_attempt(uow: UnitOfWork, message_id: UUID) -> None:
    """End an attempt whose worker died: it may have been sent, so it is not sent again.

    Idempotency: does nothing for an attempt that has ended.
    """
    message = await repository.find_for_update(uow.session, uow.community_id, message_id)
    if message is not None and message.state is MessageState.SENDING:
        await repository.save(uow.session, domain.finish(message, Outcome.NO_ANSWER, uow.now))


async def erase_messages(*, uow: UnitOfWork, account_id: UUID) -> None:
    """Delete an account's wallets and messages, when the account is deleted at its owner's wish."""
    await repository.erase(uow.session, uow.community_id, account_id)
