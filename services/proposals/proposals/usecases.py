"""What can be done with proposals."""

from collections.abc import Sequence
from uuid import UUID

from services.proposals.concerns import usecases as concerns
from services.proposals.concerns.domain import Channel
from services.proposals.processes.templates import get_template
from services.proposals.proposals import domain, repository
from services.proposals.proposals.domain import (
    COLLECTOR_ROLES,
    LIFE,
    STAFF_ROLES,
    ProposalAction,
    ProposalState,
    Stance,
)
from services.proposals.proposals.errors import NotInScopeError
from services.proposals.proposals.models import Endorsement, Opinion, Proposal, ProposalVersion
from services.proposals.rolls import usecases as rolls
from services.proposals.rolls.domain import ScopeKind
from shared.contracts.events import ProposalOpened
from shared.kernel.principal import Principal
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork


async def open_proposal(
    *,
    uow: UnitOfWork,
    principal: Principal,
    concern_id: UUID | None,
    template: str,
    scope_kind: ScopeKind,
    scope_id: UUID | None,
    title: str,
    body: str,
) -> Proposal:
    """Open a proposal, out of a major concern or of the staff's own motion; it starts to gather endorsements.

    Errors: ForbiddenError, ConcernNotFoundError, ConcernNotMajorError, WrongStateError, TemplateNotFoundError, RollEmptyError.
    """
    principal.require(*STAFF_ROLES)
    policy = get_template(template).endorsement
    if concern_id is not None:
        await concerns.propose_concern(uow=uow, principal=principal, concern_id=concern_id)
    scope_name = await rolls.name_scope(uow=uow, scope_kind=scope_kind, scope_id=scope_id)
    households = await rolls.count_households(uow=uow, scope_kind=scope_kind, scope_id=scope_id)
    proposal = Proposal(
        community_id=uow.community_id,
        id=uow.new_id(),
        concern_id=concern_id,
        author_account_id=principal.account_id,
        author_name=principal.name,
        template=template,
        scope_kind=scope_kind,
        scope_id=scope_id if scope_kind is not ScopeKind.COMMUNITY else None,
        scope_name=scope_name,
        state=ProposalState.GATHERING,
        version_no=1,
        title=title,
        text_hash=domain.text_hash(title, body),
        households_in_scope=households,
        endorsements_needed=policy.threshold(households),
        opened_at=uow.now,
    )
    await repository.add(uow.session, proposal)
    await _add_version(uow, principal, proposal, title, body, changes="第一版")
    uow.announce(
        proposal.id,
        ProposalOpened(
            proposal_id=proposal.id,
            concern_id=concern_id,
            title=title,
            text_hash=proposal.text_hash,
            scope_kind=scope_kind,
            scope_id=proposal.scope_id,
            scope_name=scope_name,
            endorsements_needed=proposal.endorsements_needed,
        ),
    )
    return proposal


async def _add_version(
    uow: UnitOfWork, principal: Principal, proposal: Proposal, title: str, body: str, *, changes: str
) -> None:
    version = ProposalVersion(
        community_id=uow.community_id,
        proposal_id=proposal.id,
        version_no=proposal.version_no,
        title=title,
        body=body,
        text_hash=proposal.text_hash,
        changes=changes,
        written_by=principal.account_id,
        written_at=uow.now,
    )
    await repository.add(uow.session, version)


async def get_proposal(*, uow: UnitOfWork, proposal_id: UUID) -> tuple[Proposal, ProposalVersion]:
    """Return a proposal with its current text.

    Errors: ProposalNotFoundError.
    """
    proposal = await repository.get(uow.session, proposal_id)
    return proposal, await repository.get_version(uow.session, proposal_id, proposal.version_no)


async def list_proposals(*, uow: UnitOfWork, page: PageRequest, state: ProposalState | None) -> Slice[Proposal]:
    """Return the proposals of the community, newest first."""
    return await repository.list_proposals(uow.session, page, state=state)


async def list_versions(*, uow: UnitOfWork, proposal_id: UUID) -> Sequence[ProposalVersion]:
    """Return every text a proposal ever had, newest first.

    Errors: ProposalNotFoundError.
    """
    await repository.get(uow.session, proposal_id)
    return await repository.list_versions(uow.session, proposal_id)


async def list_actions(*, uow: UnitOfWork, principal: Principal, proposal_id: UUID) -> tuple[str, list[ProposalAction]]:
    """Return the state of a proposal and what the caller could do with it.

    Errors: ProposalNotFoundError.
    """
    proposal = repository.to_domain(await repository.get(uow.session, proposal_id))
    return proposal.state, LIFE.actions(proposal.state, domain.acting_as(proposal, principal))


async def revise_proposal(
    *, uow: UnitOfWork, principal: Principal, proposal_id: UUID, title: str, body: str, changes: str
) -> Proposal:
    """Put a new version on the table; what was given to the old text no longer counts.

    Locks/IO: the proposal.
    Errors: ProposalNotFoundError, ForbiddenError, WrongStateError, TextUnchangedError.
    """
    row = await repository.get_for_update(uow.session, proposal_id)
    revised = domain.revise(repository.to_domain(row), principal, new_hash=domain.text_hash(title, body))
    repository.apply(row, revised)
    row.title = title
    await _add_version(uow, principal, row, title, body, changes=changes)
    return row


async def endorse_proposal(*, uow: UnitOfWork, principal: Principal, proposal_id: UUID, text_hash: str) -> Proposal:
    """Support a text as a household.

    Locks/IO: the proposal.
    Errors: ProposalNotFoundError, NoHouseholdError, NotInScopeError, WrongStateError, TextChangedError, AlreadyEndorsedError.
    """
    household_id = principal.require_household()
    row = await repository.get_for_update(uow.session, proposal_id)
    await _require_in_scope(uow, row, household_id)
    has_endorsed = await repository.has_endorsed(uow.session, proposal_id, row.text_hash, household_id)
    endorsed = domain.endorse(repository.to_domain(row), principal, shown_hash=text_hash, has_endorsed=has_endorsed)
    repository.apply(row, endorsed)
    endorsement = Endorsement(
        community_id=uow.community_id,
        proposal_id=proposal_id,
        text_hash=text_hash,
        household_id=household_id,
        account_id=principal.account_id,
        endorsed_at=uow.now,
    )
    await repository.add_endorsement(uow.session, endorsement)
    return row


async def _require_in_scope(uow: UnitOfWork, row: Proposal, household_id: UUID) -> None:
    scope_kind = ScopeKind(row.scope_kind)
    if not await rolls.is_in_scope(uow=uow, household_id=household_id, scope_kind=scope_kind, scope_id=row.scope_id):
        raise NotInScopeError(scope=row.scope_name)


async def give_opinion(
    *,
    uow: UnitOfWork,
    principal: Principal,
    proposal_id: UUID,
    text_hash: str,
    stance: Stance,
    body: str,
    channel: Channel,
    household_id: UUID | None,
) -> Opinion:
    """Say what a household thinks of the current text; staff may enter what they heard at the door.

    A household that speaks again replaces what it said about the same text, until that is answered.

    Locks/IO: the proposal.
    Errors: ProposalNotFoundError, ForbiddenError, NoHouseholdError, NotInScopeError, TextChangedError.
    """
    if household_id is None or household_id == principal.household_id:
        household_id = principal.require_household()
    else:
        principal.require(*COLLECTOR_ROLES)
    row = await repository.get_for_update(uow.session, proposal_id)
    domain.require_shown(repository.to_domain(row), text_hash)
    await _require_in_scope(uow, row, household_id)
    opinion = await repository.find_opinion(uow.session, proposal_id, text_hash, household_id)
    if opinion is not None and opinion.is_adopted is None:
        opinion.stance, opinion.body, opinion.channel = stance, body, channel
        opinion.entered_by, opinion.given_at = principal.account_id, uow.now
        return opinion
    if opinion is not None:
        return opinion
    opinion = Opinion(
        community_id=uow.community_id,
        id=uow.new_id(),
        proposal_id=proposal_id,
        text_hash=text_hash,
        household_id=household_id,
        stance=stance,
        body=body,
        channel=channel,
        entered_by=principal.account_id,
        given_at=uow.now,
    )
    await repository.add(uow.session, opinion)
    row.opinions += 1
    return opinion


async def answer_opinion(
    *, uow: UnitOfWork, principal: Principal, opinion_id: UUID, is_adopted: bool, answer: str
) -> Opinion:
    """Say whether an opinion is adopted, and why.

    Locks/IO: the opinion.
    Errors: ForbiddenError, OpinionNotFoundError.
    """
    principal.require(*STAFF_ROLES)
    opinion = await repository.get_opinion_for_update(uow.session, opinion_id)
    opinion.is_adopted, opinion.answer, opinion.answered_by = is_adopted, answer, principal.name
    return opinion


async def list_opinions(*, uow: UnitOfWork, proposal_id: UUID, page: PageRequest) -> Slice[Opinion]:
    """Return what was said about a proposal.

    Errors: ProposalNotFoundError.
    """
    await repository.get(uow.session, proposal_id)
    return await repository.list_opinions(uow.session, proposal_id, page)


async def withdraw_proposal(*, uow: UnitOfWork, principal: Principal, proposal_id: UUID) -> Proposal:
    """Take a proposal back before a process begins.

    Locks/IO: the proposal.
    Errors: ProposalNotFoundError, ForbiddenError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, proposal_id)
    proposal = repository.to_domain(row)
    row.state = LIFE.perform(proposal.state, ProposalAction.WITHDRAW, domain.acting_as(proposal, principal))
    return row


async def start_deliberation(*, uow: UnitOfWork, principal: Principal, proposal_id: UUID) -> Proposal:
    """Take an endorsed proposal into a process; called when the process starts, in the same transaction.

    Locks/IO: the proposal.
    Errors: ProposalNotFoundError, ForbiddenError, EndorsementsShortError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, proposal_id)
    repository.apply(row, domain.deliberate(repository.to_domain(row), principal))
    return row


async def follow_process(*, uow: UnitOfWork, proposal_id: UUID, action: ProposalAction) -> Proposal:
    """Apply what the process decided.

    Locks/IO: the proposal.
    Errors: ProposalNotFoundError, WrongStateError.
    """
    row = await repository.get_for_update(uow.session, proposal_id)
    repository.apply(row, domain.follow_process(repository.to_domain(row), action))
    return row
