"""The audit over HTTP: read it, prove it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.identity.audits import usecases
from services.identity.audits.domain import SealedLine
from services.identity.audits.schemas import AuditCheckRead, AuditLineRead
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["审计"], route_class=CommandRoute)


@router.get("/audit_lines", responses=problems(*AUTH_ERRORS, ForbiddenError, CursorInvalidError))
async def list_audit_lines(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    act: Annotated[str | None, Query(max_length=64, description="Only this act.")] = None,
    subject_id: Annotated[str | None, Query(max_length=64, description="Only acts upon this.")] = None,
) -> Page[AuditLineRead]:
    """List privileged acts, newest first. For those who oversee: supervisors, branch secretary, township and district."""
    rows = await usecases.list_audit_lines(uow=uow, principal=principal, act=act, subject_id=subject_id, page=page)
    return page_of(rows.map(_read), request, response)


@router.get("/audit_lines/check", responses=problems(*AUTH_ERRORS, ForbiddenError))
async def check_audit_lines(uow: Uow, principal: CurrentPrincipal) -> AuditCheckRead:
    """Recompute the whole chain and name the first line that was altered, if there is one."""
    check = await usecases.check_audit_chain(uow=uow, principal=principal)
    return AuditCheckRead(
        is_sound=check.broken_at is None,
        checked=check.checked,
        broken_at=check.broken_at,
        last_hash=check.last_hash.hex(),
    )


def _read(sealed: SealedLine) -> AuditLineRead:
    line = sealed.line
    return AuditLineRead(
        number=line.number,
        at=line.at,
        actor_id=line.actor_id,
        actor_name=line.actor_name,
        act=line.act,
        subject_kind=line.subject_kind,
        subject_id=line.subject_id,
        reason=line.reason,
        facts=dict(line.facts),
        hash=sealed.hash.hex(),
    )
