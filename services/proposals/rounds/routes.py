"""Rounds over HTTP; they are drafted under the step they belong to."""

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.proposals.ballots.sealing import KEY_BYTES
from services.proposals.dependencies import signer_of
from services.proposals.processes.errors import (
    ProcessNotFoundError,
    StepOutOfOrderError,
    StepUnknownError,
    WrongStepKindError,
)
from services.proposals.rolls.errors import RollNotFoundError
from services.proposals.rounds import usecases
from services.proposals.rounds.domain import RoundState
from services.proposals.rounds.errors import (
    AreaNeedsNamedError,
    GradeNotOfferedError,
    NoTieError,
    OptionsInvalidError,
    PresenceUnrecordableError,
    RollOfAnotherScopeError,
    RoundAlreadyHeldError,
    RoundNotDueError,
    RoundNotFoundError,
    UnitNotOnRollError,
    WindowInvalidError,
)
from services.proposals.rounds.presets import PRESETS, UNVERIFIED_BADGE, PresetNeedsSignatureError
from services.proposals.rounds.quorum import rule_to_json
from services.proposals.rounds.schemas import (
    PresenceRead,
    PresetRead,
    RoundCheckIn,
    RoundCreate,
    RoundRead,
    RunoffCreate,
)
from services.proposals.steps import usecases as steps
from services.proposals.tallies.errors import InterimResultError
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import NoHouseholdError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList

router = APIRouter(prefix="/api/v1/proposals", tags=["表决"], route_class=CommandRoute)

COMMAND = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, RoundNotFoundError, WrongStateError)

STEP = (
    *AUTH_ERRORS,
    *IDEMPOTENCY_ERRORS,
    ForbiddenError,
    ProcessNotFoundError,
    StepUnknownError,
    StepOutOfOrderError,
    WrongStepKindError,
)


@router.get("/rules", responses=problems(*AUTH_ERRORS))
async def list_rules(principal: CurrentPrincipal) -> list[PresetRead]:
    """List the preset rules with their law and whether they were checked against the text in force."""
    return [
        PresetRead(
            code=preset.code,
            body=preset.body,
            held_when=rule_to_json(preset.held_when),
            decided_when=rule_to_json(preset.decided_when),
            needs_presence=preset.needs_presence,
            law=preset.law,
            article=preset.article,
            effective_from=preset.effective_from,
            is_verified=preset.is_verified,
            badge="" if preset.is_verified else UNVERIFIED_BADGE,
        )
        for preset in PRESETS.values()
    ]


@router.get("/rounds", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_rounds(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[RoundState | None, Query(description="Only in this state.")] = None,
    process_id: Annotated[UUID | None, Query(description="Only of this process.")] = None,
) -> Page[RoundRead]:
    """List the votes of the community, newest first."""
    rows = await usecases.list_rounds(uow=uow, page=page, state=state, process_id=process_id)
    return page_of(rows.map(RoundRead.model_validate), request, response)


@router.get("/rounds/{round_id}", responses=problems(*AUTH_ERRORS, RoundNotFoundError))
async def get_round(round_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RoundRead:
    """Return a vote."""
    return RoundRead.model_validate(await usecases.get_round(uow=uow, round_id=round_id))


@router.get("/rounds/{round_id}/actions", responses=problems(*AUTH_ERRORS, RoundNotFoundError))
async def list_round_actions(round_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with a vote now, apart from voting."""
    state, actions = await usecases.list_actions(uow=uow, principal=principal, round_id=round_id)
    return ActionList(state=state, actions=list(actions))


@router.post("/rounds/{round_id}/freezes", responses=problems(*COMMAND))
async def freeze_round(round_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> RoundRead:
    """Fix text, options, rule, grade, window and roll; the hash is published before anybody votes."""
    row = await usecases.freeze_round(
        uow=uow,
        principal=principal,
        round_id=round_id,
        secret=secrets.token_bytes(KEY_BYTES),
        cipher=runtime_of(request).cipher,
        signer=signer_of(request),
    )
    return RoundRead.model_validate(row)


@router.post("/rounds/{round_id}/openings", responses=problems(*COMMAND, RoundNotDueError))
async def open_round(round_id: UUID, uow: Uow, principal: CurrentPrincipal, request: Request) -> RoundRead:
    """Open a frozen vote whose time has come; it opens by itself within a second otherwise."""
    row = await usecases.open_round(uow=uow, principal=principal, round_id=round_id, signer=signer_of(request))
    return RoundRead.model_validate(row)


@router.post("/rounds/{round_id}/voidings", responses=problems(*COMMAND))
async def void_round(round_id: UUID, uow: Uow, principal: CurrentPrincipal) -> RoundRead:
    """Give up a vote before it opens. One that opened is annulled only when its step is sent back, for a public reason."""
    row = await usecases.void_round(uow=uow, principal=principal, round_id=round_id)
    return RoundRead.model_validate(row)


@router.post(
    "/rounds/{round_id}/check-ins",
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        NoHouseholdError,
        RoundNotFoundError,
        PresenceUnrecordableError,
        UnitNotOnRollError,
    ),
)
async def check_in_to_round(round_id: UUID, body: RoundCheckIn, uow: Uow, principal: CurrentPrincipal) -> PresenceRead:
    """Check in to a vote whose rule counts those who came."""
    present = await usecases.check_in(uow=uow, principal=principal, round_id=round_id, unit_id=body.unit_id)
    return PresenceRead(present_units=present)


@router.post(
    "/processes/{process_id}/steps/{step_code}/rounds",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *STEP,
        RollNotFoundError,
        RollOfAnotherScopeError,
        RoundAlreadyHeldError,
        PresetNeedsSignatureError,
        WindowInvalidError,
        OptionsInvalidError,
        GradeNotOfferedError,
        AreaNeedsNamedError,
    ),
)
async def draft_round(
    process_id: UUID, step_code: str, body: RoundCreate, uow: Uow, principal: CurrentPrincipal
) -> RoundRead:
    """Draft the vote of the open step over a frozen roll; freeze it before it can open."""
    row = await steps.draft_round(
        uow=uow,
        principal=principal,
        process_id=process_id,
        step_code=step_code,
        roll_id=body.roll_id,
        question=body.question,
        method=body.method,
        options=[(option.code, option.label) for option in body.options],
        max_choices=body.max_choices,
        grade=body.grade,
        opens_at=body.opens_at,
        closes_at=body.closes_at,
    )
    return RoundRead.model_validate(row)


@router.post(
    "/rounds/{round_id}/runoffs",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        *AUTH_ERRORS,
        *IDEMPOTENCY_ERRORS,
        ForbiddenError,
        RoundNotFoundError,
        StepOutOfOrderError,
        InterimResultError,
        NoTieError,
        WindowInvalidError,
        RoundAlreadyHeldError,
    ),
)
async def draft_runoff(round_id: UUID, body: RunoffCreate, uow: Uow, principal: CurrentPrincipal) -> RoundRead:
    """Draft the vote between the options that are level, because a tie decides nothing; once for each tied vote."""
    row = await steps.draft_runoff(
        uow=uow, principal=principal, round_id=round_id, opens_at=body.opens_at, closes_at=body.closes_at
    )
    return RoundRead.model_validate(row)
