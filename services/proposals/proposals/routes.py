"""Proposals over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.proposals.concerns.errors import ConcernNotFoundError, ConcernNotMajorError
from services.proposals.processes.errors import TemplateNotFoundError
from services.proposals.proposals import usecases
from services.proposals.proposals.domain import ProposalState
from services.proposals.proposals.errors import (
    AlreadyEndorsedError,
    NotInScopeError,
    OpinionNotFoundError,
    ProposalNotFoundError,
    TextChangedError,
    TextUnchangedError,
)
from services.proposals.proposals.models import Proposal, ProposalVersion
from services.proposals.proposals.schemas import (
    EndorsementCreate,
    OpinionAnswer,
    OpinionCreate,
    OpinionRead,
    ProposalCreate,
    ProposalRead,
    ProposalRevise,
    ProposalSummary,
    VersionRead,
)
from services.proposals.rolls.errors import RollEmptyError
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/proposals", tags=["议题"], route_class=CommandRoute)

COMMAND = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, ProposalNotFoundError)


def _read(proposal: Proposal, version: ProposalVersion) -> ProposalRead:
    summary = ProposalSummary.model_validate(proposal)
    return ProposalRead(**summary.model_dump(), body=version.body)


@router.post(
    "/proposals",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        ConcernNotFoundError,
        ConcernNotMajorError,
        WrongStateError,
        TemplateNotFoundError,
        RollEmptyError,
    ),
)
async def open_proposal(body: ProposalCreate, uow: Uow, principal: CurrentPrincipal) -> ProposalRead:
    """Open a proposal out of a major concern. For the secretary, committee members and the administrator."""
    proposal = await usecases.open_proposal(
        uow=uow,
        principal=principal,
        concern_id=body.concern_id,
        template=body.template,
        scope_kind=body.scope_kind,
        scope_id=body.scope_id,
        title=body.title,
        body=body.body,
    )
    return _read(*await usecases.get_proposal(uow=uow, proposal_id=proposal.id))


@router.get("/proposals", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_proposals(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[ProposalState | None, Query(description="Only in this state.")] = None,
) -> Page[ProposalSummary]:
    """List the proposals of the community, newest first."""
    rows = await usecases.list_proposals(uow=uow, page=page, state=state)
    return page_of(rows.map(ProposalSummary.model_validate), request, response)


@router.get("/proposals/{proposal_id}", responses=problems(*AUTH_ERRORS, ProposalNotFoundError))
async def get_proposal(proposal_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ProposalRead:
    """Return a proposal with its current text."""
    return _read(*await usecases.get_proposal(uow=uow, proposal_id=proposal_id))


@router.get("/proposals/{proposal_id}/actions", responses=problems(*AUTH_ERRORS, ProposalNotFoundError))
async def list_proposal_actions(proposal_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a proposal now."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, proposal_id=proposal_id)
    return ActionList(state=state, actions=list(actions))


@router.get("/proposals/{proposal_id}/versions", responses=problems(*AUTH_ERRORS, ProposalNotFoundError))
async def list_proposal_versions(proposal_id: UUID, uow: Uow, principal: CurrentPrincipal) -> list[VersionRead]:
    """List every text a proposal ever had, newest first."""
    rows = await usecases.list_versions(uow=uow, proposal_id=proposal_id)
    return [VersionRead.model_validate(row) for row in rows]


@router.post("/proposals/{proposal_id}/versions", responses=problems(*COMMAND, WrongStateError, TextUnchangedError))
async def revise_proposal(
    proposal_id: UUID, body: ProposalRevise, uow: Uow, principal: CurrentPrincipal
) -> ProposalRead:
    """Put a new text on the table; endorsements and opinions of the old text no longer count."""
    proposal = await usecases.revise_proposal(
        uow=uow,
        principal=principal,
        proposal_id=proposal_id,
        title=body.title,
        body=body.body,
        changes=body.changes,
    )
    await uow.flush()
    return _read(*await usecases.get_proposal(uow=uow, proposal_id=proposal.id))


@router.post(
    "/proposals/{proposal_id}/endorsements",
    responses=problems(
        *COMMAND, NoHouseholdError, NotInScopeError, WrongStateError, TextChangedError, AlreadyEndorsedError
    ),
)
async def endorse_proposal(
    proposal_id: UUID, body: EndorsementCreate, uow: Uow, principal: CurrentPrincipal
) -> ProposalSummary:
    """Support the text one saw, once per household."""
    proposal = await usecases.endorse_proposal(
        uow=uow, principal=principal, proposal_id=proposal_id, text_hash=body.text_hash
    )
    return ProposalSummary.model_validate(proposal)


@router.post(
    "/proposals/{proposal_id}/opinions",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*COMMAND, NoHouseholdError, NotInScopeError, TextChangedError),
)
async def give_opinion(proposal_id: UUID, body: OpinionCreate, uow: Uow, principal: CurrentPrincipal) -> OpinionRead:
    """Say what one's household thinks; staff may enter what they heard at the door."""
    opinion = await usecases.give_opinion(
        uow=uow,
        principal=principal,
        proposal_id=proposal_id,
        text_hash=body.text_hash,
        stance=body.stance,
        body=body.body,
        channel=body.channel,
        household_id=body.household_id,
    )
    return OpinionRead.model_validate(opinion)


@router.get(
    "/proposals/{proposal_id}/opinions", responses=problems(*AUTH_ERRORS, ProposalNotFoundError, CursorInvalidError)
)
async def list_opinions(
    proposal_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[OpinionRead]:
    """List what was said about a proposal, and whether it was adopted. Households are not named."""
    rows = await usecases.list_opinions(uow=uow, proposal_id=proposal_id, page=page)
    return page_of(rows.map(OpinionRead.model_validate), request, response)


@router.post(
    "/opinions/{opinion_id}/answers",
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, OpinionNotFoundError),
)
async def answer_opinion(opinion_id: UUID, body: OpinionAnswer, uow: Uow, principal: CurrentPrincipal) -> OpinionRead:
    """Say whether an opinion is adopted, and why."""
    opinion = await usecases.answer_opinion(
        uow=uow, principal=principal, opinion_id=opinion_id, is_adopted=body.is_adopted, answer=body.answer
    )
    return OpinionRead.model_validate(opinion)


@router.post("/proposals/{proposal_id}/withdrawals", responses=problems(*COMMAND, WrongStateError))
async def withdraw_proposal(proposal_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ProposalSummary:
    """Take a proposal back before a process begins."""
    proposal = await usecases.withdraw_proposal(uow=uow, principal=principal, proposal_id=proposal_id)
    return ProposalSummary.model_validate(proposal)
