"""Discussing a list: writing it, changing it, putting it to the vote, adopting it."""

from datetime import date
from typing import Any
from uuid import UUID

from services.points.rulebook_drafts import repository
from services.points.rulebook_drafts.domain import (
    LIFE,
    Action,
    Actor,
    Draft,
    State,
    acting_as,
    first_day,
    plain_item,
    plain_policy,
)
from services.points.rulebook_drafts.models import RulebookDraftRow
from services.points.rulebooks import usecases as rulebooks
from services.points.rulebooks.domain import Comparison, RulebookVersion, RuleList, check_items, compare
from services.points.rulebooks.errors import RulebookNotFoundError
from services.points.steps import usecases as steps
from shared.contracts.events import DecisionPublished
from shared.etags import require_match
from shared.kernel.clock import local_date
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def write_draft(
    *, uow: UnitOfWork, principal: Principal, title: str, note: str, effective_on: date, rules: RuleList
) -> Draft:
    """Write a list to be discussed.

    Errors: ForbiddenError, ItemCodeRepeatedError, ClaimantInvalidError, QuantityCapInvalidError.
    """
    LIFE.perform(State.DRAFT, Action.CHANGE, acting_as(principal))
    check_items(rules.items)
    draft_id = uow.new_id()
    await repository.add(
        uow.session,
        RulebookDraftRow(
            community_id=uow.community_id,
            id=draft_id,
            state=State.DRAFT,
            revision=1,
            created_by=principal.account_id,
            created_at=uow.now,
            **_content(uow, principal, title=title, note=note, effective_on=effective_on, rules=rules),
        ),
    )
    await _note(uow, draft_id, "write", State.DRAFT, principal.account_id)
    return await repository.get(uow.session, draft_id)


async def change_draft(
    *,
    uow: UnitOfWork,
    principal: Principal,
    draft_id: UUID,
    seen: str,
    title: str,
    note: str,
    effective_on: date,
    rules: RuleList,
) -> Draft:
    """Change a draft. One that is before the vote is taken off it, because what is voted on must not change.

    Locks/IO: the draft's row.
    Errors: DraftNotFoundError, ForbiddenError, WrongStateError, PreconditionError, ItemCodeRepeatedError, ClaimantInvalidError,
        QuantityCapInvalidError.
    """
    draft = await repository.get(uow.session, draft_id, for_update=True)
    LIFE.perform(draft.state, Action.CHANGE, acting_as(principal))
    require_match(seen, draft.revision)
    check_items(rules.items)
    content = _content(uow, principal, title=title, note=note, effective_on=effective_on, rules=rules)
    await repository.save(uow.session, draft, proposal_id=None, **content)
    await _note(uow, draft_id, Action.CHANGE, draft.state, principal.account_id)
    return await repository.get(uow.session, draft_id)


def _content(
    uow: UnitOfWork, principal: Principal, *, title: str, note: str, effective_on: date, rules: RuleList
) -> dict[str, Any]:
    return {
        "title": title,
        "note": note,
        "effective_on": effective_on,
        "policy": plain_policy(rules.policy),
        "items": [plain_item(item) for item in rules.items],
        "changed_by": principal.account_id,
        "changed_at": uow.now,
    }


async def propose_draft(*, uow: UnitOfWork, principal: Principal, draft_id: UUID, proposal_id: UUID) -> Draft:
    """Say which proposal puts a draft to the vote; its decision adopts the draft by itself, also one that was published already.

    Locks/IO: the draft's row, then adoption in this community.
    Errors: DraftNotFoundError, ForbiddenError, WrongStateError, ProposalTakenError, DecisionUsedError.
    """
    draft = await repository.get(uow.session, draft_id, for_update=True)
    LIFE.perform(draft.state, Action.PROPOSE, acting_as(principal))
    await repository.save(
        uow.session, draft, proposal_id=proposal_id, changed_by=principal.account_id, changed_at=uow.now
    )
    await _note(uow, draft_id, Action.PROPOSE, draft.state, principal.account_id)
    decision = await rulebooks.find_decision(uow=uow, proposal_id=proposal_id)
    if decision is not None:
        draft = await repository.get(uow.session, draft_id)
        await _adopt(uow, draft, frozenset({Actor.DECISION}), decision.title, proposal_id, None, None)
    return await repository.get(uow.session, draft_id)


async def adopt_draft(
    *,
    uow: UnitOfWork,
    principal: Principal,
    draft_id: UUID,
    decision: str,
    decision_id: UUID | None,
    minutes_asset_id: UUID | None,
) -> RulebookVersion:
    """Enter that a meeting or vote adopted a draft; it becomes the next version.

    Locks/IO: the draft's row, then adoption in this community.
    Errors: DraftNotFoundError, ForbiddenError, WrongStateError, MinutesMissingError, MinutesNotArrivedError, DecisionNotFoundError,
        DecisionUsedError.
    """
    draft = await repository.get(uow.session, draft_id, for_update=True)
    actors = acting_as(principal)
    return await _adopt(uow, draft, actors, decision, decision_id, minutes_asset_id, principal.account_id)


async def adopt_decided(*, uow: UnitOfWork, published: DecisionPublished) -> None:
    """Adopt the draft a published decision is about, if there is one.

    Locks/IO: the draft's row, then adoption in this community.
    Idempotency: an adopted draft is not adopted again.
    """
    if await rulebooks.find_decision(uow=uow, proposal_id=published.proposal_id) is None:
        return
    draft = await repository.find_of_proposal_for_update(uow.session, published.proposal_id)
    if draft is not None:
        await _adopt(uow, draft, frozenset({Actor.DECISION}), published.title, published.proposal_id, None, None)


async def _adopt(
    uow: UnitOfWork,
    draft: Draft,
    actors: frozenset[Actor],
    decision: str,
    decision_id: UUID | None,
    minutes_asset_id: UUID | None,
    adopted_by: UUID | None,
) -> RulebookVersion:
    state = LIFE.perform(draft.state, Action.ADOPT, actors)
    version = await rulebooks.adopt(
        uow=uow,
        rules=draft.rules,
        effective_on=first_day(draft.effective_on, local_date(uow.now)),
        decision=decision,
        decision_id=decision_id,
        minutes_asset_id=minutes_asset_id,
        adopted_by=adopted_by,
    )
    await repository.save(uow.session, draft, state=state, adopted_version=version.version, changed_at=uow.now)
    await _note(uow, draft.id, Action.ADOPT, state, adopted_by, decision)
    return version


async def _note(
    uow: UnitOfWork, draft_id: UUID, action: str, state: State, account_id: UUID | None, reason: str = ""
) -> None:
    await steps.record_step(
        uow=uow, subject_id=draft_id, action=str(action), state=state.value, account_id=account_id, reason=reason
    )


async def discard_draft(*, uow: UnitOfWork, principal: Principal, draft_id: UUID) -> Draft:
    """Drop a draft.

    Locks/IO: the draft's row.
    Errors: DraftNotFoundError, ForbiddenError, WrongStateError.
    """
    draft = await repository.get(uow.session, draft_id, for_update=True)
    state = LIFE.perform(draft.state, Action.DISCARD, acting_as(principal))
    await repository.save(uow.session, draft, state=state, changed_by=principal.account_id, changed_at=uow.now)
    await _note(uow, draft_id, Action.DISCARD, state, principal.account_id)
    return await repository.get(uow.session, draft_id)


async def list_drafts(*, uow: UnitOfWork, page: PageRequest, state: State | None) -> Slice[Draft]:
    """Return the drafts, newest first; everybody who lives here may read what is discussed."""
    return await repository.list_page(uow.session, page, state=state)


async def get_draft(*, uow: UnitOfWork, draft_id: UUID) -> Draft:
    """Return a draft.

    Errors: DraftNotFoundError.
    """
    return await repository.get(uow.session, draft_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, draft_id: UUID) -> tuple[Draft, list[Action]]:
    """Return a draft and what the caller could do with it now.

    Errors: DraftNotFoundError.
    """
    draft = await repository.get(uow.session, draft_id)
    return draft, LIFE.actions(draft.state, acting_as(principal))


async def compare_draft(*, uow: UnitOfWork, draft_id: UUID, against: UUID | None) -> Comparison:
    """Lay a draft beside another one, or beside the version in force when none is named.

    Errors: DraftNotFoundError.
    """
    draft = await repository.get(uow.session, draft_id)
    if against is not None:
        return compare((await repository.get(uow.session, against)).rules, draft.rules)
    try:
        in_force = await rulebooks.get_rulebook_in_force(uow=uow)
    except RulebookNotFoundError:
        return compare(None, draft.rules)
    return compare(in_force.rules(), draft.rules)
