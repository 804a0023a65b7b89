"""What happens to rounds: drafted, frozen, opened, closed, moved on."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from services.proposals.ballots.sealing import public_key_of
from services.proposals.logs import usecases as logs
from services.proposals.logs.signing import Signer
from services.proposals.rolls import usecases as rolls
from services.proposals.rounds import domain, repository
from services.proposals.rounds.domain import LIFE, RECORDERS, Grade, Method, RoundAction, RoundRule, RoundState
from services.proposals.rounds.errors import RollOfAnotherScopeError, UnitNotOnRollError
from services.proposals.rounds.models import Round, RoundKey, RoundPresence
from services.proposals.rounds.presets import get_preset, require_usable
from shared.contracts.events import RoundOpened
from shared.crypto import FieldCipher
from shared.kernel.principal import Principal
from shared.kernel.state_machine import WrongStateError
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

RoundRow = Round
"""A round as its use cases hand it over."""


async def draft_round(
    *,
    uow: UnitOfWork,
    principal: Principal,
    proposal_id: UUID,
    process_id: UUID,
    step_code: str,
    text_hash: str,
    preset_code: str,
    signed_off_by: str,
    scope: tuple[str, UUID | None],
    roll_id: UUID,
    question: str,
    method: Method,
    options: Sequence[tuple[str, str]],
    max_choices: int,
    grade: Grade,
    opens_at: datetime,
    closes_at: datetime,
) -> Round:
    """Draft a round over a frozen roll, under the rule its step names; the caller has checked who runs the step.

    Errors: RollNotFoundError, RollOfAnotherScopeError, PresetNeedsSignatureError, WindowInvalidError, OptionsInvalidError,
    GradeNotOfferedError, AreaNeedsNamedError; RoundAlreadyHeldError by the database.
    """
    roll = await rolls.get_roll(uow=uow, roll_id=roll_id)
    if (roll.scope_kind, roll.scope_id) != scope:
        raise RollOfAnotherScopeError(roll=roll.scope_name)
    preset = get_preset(preset_code)
    require_usable(preset, signed_off_by=signed_off_by)
    rule = RoundRule(
        preset=preset.code,
        body=preset.body,
        held_when=preset.held_when,
        decided_when=preset.decided_when,
        law=preset.law,
        article=preset.article,
        is_verified=preset.is_verified,
        signed_off_by="" if preset.is_verified else signed_off_by,
    )
    domain.check_new(opens_at=opens_at, closes_at=closes_at, grade=grade, rule=rule, now=uow.now)
    row = Round(
        community_id=uow.community_id,
        id=uow.new_id(),
        proposal_id=proposal_id,
        process_id=process_id,
        step_code=step_code,
        state=RoundState.DRAFTED,
        question=question,
        method=method,
        options=[{"code": o.code, "label": o.label} for o in domain.options_for(method, options, max_choices)],
        max_choices=max_choices if method is Method.APPROVE else 1,
        grade=grade,
        rule=rule.to_json(),
        needs_presence=rule.asks_for_presence(),
        roll_id=roll_id,
        text_hash=text_hash,
        opens_at=opens_at,
        closes_at=closes_at,
        drafted_by=principal.account_id,
        drafted_at=uow.now,
    )
    await repository.add(uow.session, row)
    return row


async def draft_runoff(
    *, uow: UnitOfWork, principal: Principal, row: Round, tied: Collection[str], opens_at: datetime, closes_at: datetime
) -> Round:
    """Draft the vote between the options that are level: same voters, same rule, one choice.

    Errors: WindowInvalidError; RoundAlreadyHeldError by the database when the tie has its run-off already.
    """
    tie = repository.to_domain(row)
    domain.check_new(opens_at=opens_at, closes_at=closes_at, grade=tie.grade, rule=tie.rule, now=uow.now)
    level = [(option.code, option.label) for option in tie.options if option.code in tied]
    same = {"proposal_id", "process_id", "step_code", "grade", "rule", "needs_presence", "roll_id", "text_hash"}
    runoff = Round(
        **row.model_dump(include=same),
        community_id=uow.community_id,
        id=uow.new_id(),
        state=RoundState.DRAFTED,
        question=domain.runoff_question(tie),
        method=Method.SINGLE,
        options=[{"code": o.code, "label": o.label} for o in domain.options_for(Method.SINGLE, level, 1)],
        max_choices=1,
        runoff_of=row.id,
        opens_at=opens_at,
        closes_at=closes_at,
        drafted_by=principal.account_id,
        drafted_at=uow.now,
    )
    await repository.add(uow.session, runoff)
    return runoff


async def freeze_round(
    *, uow: UnitOfWork, principal: Principal, round_id: UUID, secret: bytes, cipher: FieldCipher, signer: Signer
) -> Round:
    """Fix everything a voter relies on, make the sealing key and begin the log.

    Locks/IO: the round, then its log.
    Errors: RoundNotFoundError, ForbiddenError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, round_id)
    drafted = repository.to_domain(row)
    roll = await rolls.get_roll(uow=uow, roll_id=row.roll_id)
    public_key = public_key_of(secret)
    frozen = domain.freeze(drafted, principal, roll_hash=roll.roll_hash, public_key=public_key)
    row.state, row.frozen_hash, row.frozen_at = frozen.state, frozen.frozen_hash, uow.now
    key = RoundKey(
        community_id=uow.community_id,
        round_id=round_id,
        public_key=public_key,
        wrapped_secret=cipher.encrypt(secret.hex(), key_context(round_id)),
    )
    await repository.add(uow.session, key)
    content = domain.freeze_content(drafted, roll_hash=roll.roll_hash, public_key=public_key)
    facts = {"frozen": frozen.frozen_hash, "content": content}
    await logs.append_event(uow=uow, signer=signer, round_id=round_id, kind="freeze", facts=facts)
    return row


def key_context(round_id: UUID) -> str:
    """Return what binds the encrypted secret to its round."""
    return f"proposals.round_key:{round_id}"


async def open_round(*, uow: UnitOfWork, principal: Principal, round_id: UUID, signer: Signer) -> Round:
    """Open a frozen round whose time has come.

    Locks/IO: the round, then its log.
    Errors: RoundNotFoundError, ForbiddenError, WrongStateError, RoundNotDueError.
    """
    return await _open(uow, principal, await repository.get_for_update(uow.session, round_id), signer)


async def open_due_round(*, uow: UnitOfWork, round_id: UUID, signer: Signer) -> None:
    """Open a round by the clock.

    Locks/IO: the round unless somebody is at it, then its log.
    Idempotency: without effect when it is no longer frozen.
    """
    row = await repository.find_for_update(uow.session, round_id, RoundState.FROZEN)
    if row is not None:
        await _open(uow, None, row, signer)


async def _open(uow: UnitOfWork, principal: Principal | None, row: Round, signer: Signer) -> Round:
    opened = domain.open_(repository.to_domain(row), principal, now=uow.now)
    row.state, row.opened_at = opened.state, uow.now
    roll = await rolls.get_roll(uow=uow, roll_id=row.roll_id)
    await logs.append_event(uow=uow, signer=signer, round_id=row.id, kind="open", facts={"frozen": row.frozen_hash})
    uow.announce(
        row.id,
        RoundOpened(
            round_id=row.id,
            proposal_id=row.proposal_id,
            question=row.question,
            scope_kind=roll.scope_kind,
            scope_id=roll.scope_id,
            scope_name=roll.scope_name,
            closes_at=row.closes_at,
        ),
    )
    return row


async def list_open_of(*, uow: UnitOfWork, process_id: UUID) -> Sequence[UUID]:
    """Return the open rounds of a process, in the order of their ids."""
    return await repository.list_open_of(uow.session, process_id)


async def shut_out_ballots(*, uow: UnitOfWork, round_id: UUID) -> None:
    """Wait for ballots under way and let no further one begin until the transaction ends.

    Locks/IO: the round's advisory lock.
    """
    await repository.shut_out_ballots(uow.session, round_id)


async def lock_for_closing(*, uow: UnitOfWork, round_id: UUID, is_sweep: bool) -> Round | None:
    """Return a round that nobody else can vote in or move until the transaction ends; None when a sweep comes too late.

    Locks/IO: the round's advisory lock first, because ballots take it before they read the round; then its row.
    Errors: RoundNotFoundError.
    """
    await repository.shut_out_ballots(uow.session, round_id)
    if is_sweep:
        return await repository.find_for_update(uow.session, round_id, RoundState.OPEN)
    return await repository.get_for_update(uow.session, round_id)


def close_round(*, uow: UnitOfWork, principal: Principal | None, row: Round, units: int, voted: int) -> None:
    """Close a locked round.

    Errors: ForbiddenError, WrongStateError, RoundNotDueError.
    """
    closed = domain.close(repository.to_domain(row), principal, units=units, voted=voted, now=uow.now)
    row.state, row.closed_at = closed.state, uow.now


async def lock_closed_round(*, uow: UnitOfWork, round_id: UUID) -> Round | None:
    """Return and lock a closed round, or None when it was tallied meanwhile or somebody is at it."""
    return await repository.find_for_update(uow.session, round_id, RoundState.CLOSED)


def move_round(*, row: Round, action: RoundAction, principal: Principal | None = None) -> None:
    """Tally, confirm or void a locked round.

    Errors: ForbiddenError, WrongStateError.
    """
    row.state = domain.move(repository.to_domain(row), action, principal).state


async def void_round(*, uow: UnitOfWork, principal: Principal, round_id: UUID) -> Round:
    """Give up a round before it opens.

    Locks/IO: the round.
    Errors: RoundNotFoundError, ForbiddenError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, round_id)
    move_round(row=row, action=RoundAction.VOID, principal=principal)
    return row


async def confirm_rounds(*, uow: UnitOfWork, process_id: UUID, signer: Signer) -> None:
    """Make the tallied round of a process final, because its notice is complete.

    Locks/IO: the rounds of the process, then their logs.
    """
    for row in await repository.list_of_process_for_update(uow.session, process_id):
        if row.state == RoundState.TALLIED:
            move_round(row=row, action=RoundAction.CONFIRM)
            await _log(uow, signer, row, "publish")


async def annul_rounds(
    *, uow: UnitOfWork, process_id: UUID, step_codes: Collection[str], reason: str, signer: Signer
) -> None:
    """Annul the rounds of steps that were sent back; their logs say why and stay.

    Locks/IO: the rounds of the process, then their logs.
    """
    for row in await repository.list_of_process_for_update(uow.session, process_id):
        if row.step_code in step_codes and row.state != RoundState.FINAL:
            await _annul(uow, signer, row, reason)


async def settle_rounds(*, uow: UnitOfWork, process_id: UUID, reason: str, signer: Signer) -> None:
    """End the rounds of a rejected process: a counted one becomes final, because the no stands; any other is annulled.

    Locks/IO: the rounds of the process, then their logs.
    """
    for row in await repository.list_of_process_for_update(uow.session, process_id):
        if row.state == RoundState.TALLIED:
            move_round(row=row, action=RoundAction.CONFIRM)
            await _log(uow, signer, row, "publish")
        elif row.state != RoundState.FINAL:
            await _annul(uow, signer, row, reason)


async def _annul(uow: UnitOfWork, signer: Signer, row: Round, reason: str) -> None:
    has_log = row.state != RoundState.DRAFTED
    move_round(row=row, action=RoundAction.ANNUL)
    if has_log:
        await _log(uow, signer, row, "annul", reason=reason)


async def _log(uow: UnitOfWork, signer: Signer, row: Round, kind: str, **facts: str) -> None:
    content = {"frozen": row.frozen_hash, **facts}
    await logs.append_event(uow=uow, signer=signer, round_id=row.id, kind=kind, facts=content)


async def get_round(*, uow: UnitOfWork, round_id: UUID) -> Round:
    """Return a round.

    Errors: RoundNotFoundError.
    """
    return await repository.get(uow.session, round_id)


def as_domain(row: Round) -> domain.Round:
    """Return a round as the domain knows it."""
    return repository.to_domain(row)


async def get_public_key(*, uow: UnitOfWork, round_id: UUID) -> bytes:
    """Return the public half of a frozen round's sealing key.

    Errors: RoundNotFoundError.
    """
    return (await repository.get_key(uow.session, round_id)).public_key


async def open_key(*, uow: UnitOfWork, row: Round, cipher: FieldCipher) -> bytes:
    """Return the secret half of a closed round's sealing key, and note when it was opened.

    Errors: WrongStateError before the close, whoever asks.
    """
    if row.closed_at is None:
        raise WrongStateError(
            state=row.state,
            state_name=RoundState(row.state).word,
            action="open_key",
            action_name="打开计票钥匙",
            allowed=[],
        )
    key = await repository.get_key(uow.session, row.id)
    key.opened_at = key.opened_at or uow.now
    return bytes.fromhex(cipher.decrypt(key.wrapped_secret, key_context(row.id)))


async def list_rounds(
    *, uow: UnitOfWork, page: PageRequest, state: RoundState | None, process_id: UUID | None
) -> Slice[Round]:
    """Return the rounds of the community, newest first."""
    return await repository.list_rounds(uow.session, page, state=state, process_id=process_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, round_id: UUID) -> tuple[str, list[RoundAction]]:
    """Return the state of a round and what the caller could do with it.

    Errors: RoundNotFoundError.
    """
    state = RoundState((await repository.get(uow.session, round_id)).state)
    return state, LIFE.actions(state, domain.acting_as(principal))


async def check_in(*, uow: UnitOfWork, principal: Principal, round_id: UUID, unit_id: UUID | None) -> int:
    """Note that a unit came, by one of its members or by the desk; return how many are present.

    Errors: RoundNotFoundError, ForbiddenError, NoHouseholdError, PresenceUnrecordableError, UnitNotOnRollError.
    """
    row = await repository.get(uow.session, round_id)
    domain.require_check_in(repository.to_domain(row))
    if unit_id is None or unit_id == principal.household_id:
        unit_id, method = principal.require_household(), "self"
    else:
        principal.require(*RECORDERS)
        method = "desk"
    if await rolls.find_unit(uow=uow, roll_id=row.roll_id, unit_id=unit_id) is None:
        raise UnitNotOnRollError
    presence = RoundPresence(
        community_id=uow.community_id,
        round_id=round_id,
        unit_id=unit_id,
        resident_id=principal.resident_id if method == "self" else None,
        account_id=principal.account_id,
        method=method,
        present_at=uow.now,
    )
    await repository.add_presence(uow.session, presence)
    return await repository.count_present(uow.session, round_id)


async def count_present(*, uow: UnitOfWork, round_id: UUID) -> int:
    """Return how many units checked in."""
    return await repository.count_present(uow.session, round_id)


async def is_present(*, uow: UnitOfWork, round_id: UUID, unit_id: UUID) -> bool:
    """Tell whether a unit checked in."""
    return await repository.is_present(uow.session, round_id, unit_id)


async def list_open_on(*, uow: UnitOfWork, roll_ids: Sequence[UUID]) -> Sequence[Round]:
    """Return the open rounds over some rolls, the soonest close first."""
    return await repository.list_open_on(uow.session, roll_ids)
