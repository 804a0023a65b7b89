"""Awards over HTTP: nominate, decide, publish, object, revoke; the policy and the talent pool."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.points.awards import usecases
from services.points.awards.domain import Award, State
from services.points.awards.errors import (
    AlreadyNominatedError,
    AwardNotFoundError,
    AwardPolicyInvalidError,
    AwardRecusedError,
    VotesInvalidError,
)
from services.points.awards.schemas import (
    AwardAnswer,
    AwardDecision,
    AwardObjection,
    AwardPolicyCreate,
    AwardPolicyRead,
    AwardRead,
    Nomination,
    Revocation,
    TalentRead,
)
from services.points.ledger.errors import AccountNotFoundError, HouseholdClosedError
from services.points.steps import usecases as steps
from services.points.steps.schemas import StepRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems
from shared.schemas import ActionList
from shared.sheets import SHEET_RESPONSES, SheetFormat, Value, WantedFormat, sheet_response

router = APIRouter(prefix="/api/v1/points", tags=["评优评先"], route_class=CommandRoute)

MOVE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, AwardNotFoundError, ForbiddenError, WrongStateError)


@router.post(
    "/award-policies",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, AwardPolicyInvalidError),
)
async def adopt_award_policy(payload: AwardPolicyCreate, uow: Uow, principal: CurrentPrincipal) -> AwardPolicyRead:
    """Enter what a meeting decided an award shall bring. For the committee and administrators."""
    policy = await usecases.adopt_policy(
        uow=uow,
        principal=principal,
        policy=payload.policy(),
        decision=payload.decision,
        effective_on=payload.effective_on,
    )
    return AwardPolicyRead.model_validate(policy)


@router.get("/award-policies/current", responses=problems(*AUTH_ERRORS))
async def get_award_policy(uow: Uow, principal: CurrentPrincipal) -> AwardPolicyRead:
    """Return what an award nominated today would bring."""
    return AwardPolicyRead.model_validate(await usecases.get_policy(uow=uow))


@router.get("/talents", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_talents(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    tag: Annotated[str | None, Query(max_length=40, description="Only this tag.")] = None,
) -> Page[TalentRead]:
    """List the talent pool, newest first. For the property manager, who hires from it first, and the committees."""
    rows = await usecases.list_talents(uow=uow, principal=principal, page=page, tag=tag)
    return page_of(rows.map(TalentRead.model_validate), request, response)


TALENT_HEADER = ("姓名", "户号", "特长", "入库时间", "评选编号")


@router.get(
    "/talents/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError)
)
async def export_talents(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
    tag: Annotated[str | None, Query(max_length=40, description="Only this tag.")] = None,
) -> Response:
    """Download the talent pool as a sheet, to hire from. For the property manager and the committees."""
    found = await usecases.list_talents_for_export(uow=uow, principal=principal, tag=tag)
    lines = [(one.person_name, number, one.tag, one.tagged_at, one.award_id) for one, number in found]
    return await sheet_response(file_format, "人才库", TALENT_HEADER, lines)


@router.post(
    "/awards",
    status_code=201,
    responses=problems(
        *AUTH_ERRORS, *IDEMPOTENCY_ERRORS, AccountNotFoundError, HouseholdClosedError, AlreadyNominatedError
    ),
)
async def nominate(payload: Nomination, uow: Uow, principal: CurrentPrincipal, response: Response) -> AwardRead:
    """Propose a household or a person for an award. For everybody who is signed in."""
    award = await usecases.nominate(
        uow=uow,
        principal=principal,
        household_id=payload.household_id,
        resident_id=payload.resident_id,
        person_name=payload.person_name,
        category=payload.category,
        deed=payload.deed,
        talent=payload.talent,
    )
    response.headers["Location"] = f"{router.prefix}/awards/{award.id}"
    return AwardRead.model_validate(award)


@router.get("/awards", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_awards(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    state: Annotated[State | None, Query(description="Only this state.")] = None,
    household_id: Annotated[UUID | None, Query(description="Only this household.")] = None,
) -> Page[AwardRead]:
    """List awards, newest first: what is public, the own ones, and for those who judge all."""
    rows = await usecases.list_awards(uow=uow, principal=principal, page=page, state=state, household_id=household_id)
    return page_of(rows.map(AwardRead.model_validate), request, response)


HEADER = ("评选", "户主或姓名", "状态", "事迹", "赞成", "反对", "评议分", "兑换分", "免物业费", "免费月份", "生效时间")


def _line(award: Award) -> tuple[Value, ...]:
    return (
        award.category,
        award.person_name,
        award.state,
        award.deed,
        award.votes_for,
        award.votes_against,
        award.standing,
        award.spendable,
        award.waiver_state,
        "、".join(f"{month:%Y-%m}" for month in award.waiver_months),
        award.granted_at,
    )


@router.get(
    "/awards/export", response_class=Response, responses=SHEET_RESPONSES | problems(*AUTH_ERRORS, ForbiddenError)
)
async def export_awards(
    uow: Uow,
    principal: CurrentPrincipal,
    file_format: WantedFormat = SheetFormat.XLSX,
) -> Response:
    """Download every award as a sheet. For those who judge and watch."""
    awards = await usecases.list_for_export(uow=uow, principal=principal)
    return await sheet_response(file_format, "评优评先", HEADER, [_line(award) for award in awards])


@router.get("/awards/{award_id}", responses=problems(*AUTH_ERRORS, AwardNotFoundError))
async def get_award(award_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AwardRead:
    """Return an award with what became of its points and its fee waiver."""
    return AwardRead.model_validate(await usecases.get_award(uow=uow, principal=principal, award_id=award_id))


@router.get("/awards/{award_id}/actions", responses=problems(*AUTH_ERRORS, AwardNotFoundError))
async def list_award_actions(award_id: UUID, uow: Uow, principal: CurrentPrincipal) -> ActionList:
    """Return what the caller could do with an award now."""
    award, actions = await usecases.list_actions(uow=uow, principal=principal, award_id=award_id)
    return ActionList(state=award.state, actions=[action.value for action in actions])


@router.get("/awards/{award_id}/steps", responses=problems(*AUTH_ERRORS, AwardNotFoundError, CursorInvalidError))
async def list_award_steps(
    award_id: UUID, uow: Uow, principal: CurrentPrincipal, page: Paging, request: Request, response: Response
) -> Page[StepRead]:
    """Return who did what to an award, oldest first."""
    await usecases.get_award(uow=uow, principal=principal, award_id=award_id)
    rows = await steps.list_steps(uow=uow, subject_id=award_id, page=page)
    return page_of(rows.map(StepRead.model_validate), request, response)


@router.post("/awards/{award_id}/decisions", responses=problems(*MOVE_ERRORS, AwardRecusedError, VotesInvalidError))
async def decide_award(award_id: UUID, payload: AwardDecision, uow: Uow, principal: CurrentPrincipal) -> AwardRead:
    """Enter what the panel or the committee decided. Not by who nominated, nor by the households concerned."""
    award = await usecases.decide_award(
        uow=uow,
        principal=principal,
        award_id=award_id,
        is_approved=payload.is_approved,
        decision=payload.decision,
        votes_for=payload.votes_for,
        votes_against=payload.votes_against,
    )
    return AwardRead.model_validate(award)


@router.post("/awards/{award_id}/withdrawals", responses=problems(*MOVE_ERRORS))
async def withdraw_award(award_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AwardRead:
    """Take a nomination back before it was decided. For who made it."""
    return AwardRead.model_validate(await usecases.withdraw_award(uow=uow, principal=principal, award_id=award_id))


@router.post("/awards/{award_id}/publications", responses=problems(*MOVE_ERRORS, AwardRecusedError))
async def publish_award(award_id: UUID, uow: Uow, principal: CurrentPrincipal) -> AwardRead:
    """Hang a decided award out; it takes effect by itself when the days are over. For the committee and administrators."""
    return AwardRead.model_validate(await usecases.publish_award(uow=uow, principal=principal, award_id=award_id))


@router.post("/awards/{award_id}/objections", responses=problems(*MOVE_ERRORS))
async def object_to_award(award_id: UUID, payload: AwardObjection, uow: Uow, principal: CurrentPrincipal) -> AwardRead:
    """Object to a published award. For any other household; the notice stops until it is answered."""
    award = await usecases.object_to_award(uow=uow, principal=principal, award_id=award_id, reason=payload.reason)
    return AwardRead.model_validate(award)


@router.post("/awards/{award_id}/answers", responses=problems(*MOVE_ERRORS, AwardRecusedError))
async def answer_award_objection(
    award_id: UUID, payload: AwardAnswer, uow: Uow, principal: CurrentPrincipal
) -> AwardRead:
    """Answer an objection. For supervisors; dismissed, the award hangs out again for the whole time."""
    award = await usecases.answer_objection(
        uow=uow, principal=principal, award_id=award_id, is_upheld=payload.is_upheld, answer=payload.answer
    )
    return AwardRead.model_validate(award)


@router.post("/awards/{award_id}/revocations", responses=problems(*MOVE_ERRORS, AwardRecusedError))
async def revoke_award(award_id: UUID, payload: Revocation, uow: Uow, principal: CurrentPrincipal) -> AwardRead:
    """Take a granted award back with all its effects. For the committee and administrators."""
    award = await usecases.revoke_award(uow=uow, principal=principal, award_id=award_id, reason=payload.reason)
    return AwardRead.model_validate(award)
