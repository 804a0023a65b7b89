"""Routes of WeChat messages: what the caller accepts, and when telephones stay silent."""

from fastapi import APIRouter, Request

from services.notifications.messages import usecases
from services.notifications.messages.quiet_hours import QuietHours
from services.notifications.messages.schemas import DialogueCreate, QuietHoursCreate, QuietHoursRead, TemplateRead
from services.notifications.messages.templates import TEMPLATES, TemplateKey
from services.notifications.messages.wallet import Wallet
from services.notifications.settings import Settings
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems
from shared.runtime import Runtime

router = APIRouter(prefix="/api/v1/notifications", tags=["消息"], route_class=CommandRoute)


@router.get("/templates", responses=problems(*AUTH_ERRORS))
async def list_templates(uow: Uow, principal: CurrentPrincipal, request: Request) -> list[TemplateRead]:
    """List the kinds of WeChat message there are, and how many of each the caller may still be sent."""
    wallets = await usecases.list_wallets(uow=uow, principal=principal)
    return [_read(template, wallet, request) for template, wallet in wallets.items()]


@router.post("/grants", responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS))
async def answer_dialogue(
    uow: Uow, principal: CurrentPrincipal, dialogue: DialogueCreate, request: Request
) -> list[TemplateRead]:
    """Tell what the caller chose in WeChat's dialogue. One acceptance is one message; send an Idempotency-Key."""
    answers = {answer.template: answer.answer for answer in dialogue.answers}
    wallets = await usecases.answer_dialogue(uow=uow, principal=principal, answers=answers)
    return [_read(template, wallet, request) for template, wallet in wallets.items()]


@router.get("/quiet-hours", responses=problems(*AUTH_ERRORS))
async def read_quiet_hours(uow: Uow, principal: CurrentPrincipal) -> QuietHoursRead:
    """Read when telephones stay silent in the caller's community."""
    return QuietHoursRead.model_validate(await usecases.get_quiet_hours(uow=uow))


@router.post("/quiet-hours", status_code=201, responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError))
async def decide_quiet_hours(uow: Uow, principal: CurrentPrincipal, command: QuietHoursCreate) -> QuietHoursRead:
    """Put new quiet hours in force, with the decision that says so; for the community's administrator."""
    quiet = await usecases.decide_quiet_hours(
        uow=uow, principal=principal, quiet=QuietHours(command.start, command.end), decision=command.decision
    )
    return QuietHoursRead.model_validate(quiet)


def _read(template: TemplateKey, wallet: Wallet, request: Request) -> TemplateRead:
    runtime: Runtime[Settings] = runtime_of(request)
    return TemplateRead(
        template=template,
        name=TEMPLATES[template].name,
        template_id=runtime.settings.wechat_templates.get(template),
        grants=wallet.grants,
    )
