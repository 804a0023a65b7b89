"""Consents over HTTP."""

from fastapi import APIRouter, status

from services.identity.consents import usecases
from services.identity.consents.domain import ConsentKind
from services.identity.consents.errors import ConsentUnknownError, ConsentVersionError
from services.identity.consents.schemas import (
    ConsentCreate,
    ConsentDocumentCreate,
    ConsentDocumentRead,
    ConsentRead,
)
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/identity", tags=["授权同意"], route_class=CommandRoute)


@router.post(
    "/consent_documents",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError),
)
async def publish_consent_document(
    body: ConsentDocumentCreate, uow: Uow, principal: CurrentPrincipal
) -> ConsentDocumentRead:
    """Publish the next version of a text. Community administrators only."""
    return ConsentDocumentRead.model_validate(
        await usecases.publish_document(
            uow=uow,
            principal=principal,
            kind=body.kind,
            title=body.title,
            body=body.body,
            effective_at=body.effective_at,
        )
    )


@router.get("/consent_documents", responses=problems(*AUTH_ERRORS))
async def list_consent_documents(uow: Uow, principal: CurrentPrincipal) -> list[ConsentDocumentRead]:
    """Return the texts in force, one per kind."""
    return [ConsentDocumentRead.model_validate(d) for d in await usecases.list_current_documents(uow=uow)]


@router.get("/consents", responses=problems(*AUTH_ERRORS))
async def list_consents(uow: Uow, principal: CurrentPrincipal) -> list[ConsentRead]:
    """Return everything the caller agreed to, oldest first, withdrawn ones included."""
    return [ConsentRead.model_validate(one) for one in await usecases.list_own_consents(uow=uow, principal=principal)]


@router.post(
    "/consents",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, ConsentUnknownError, ConsentVersionError),
)
async def agree(body: ConsentCreate, uow: Uow, principal: CurrentPrincipal) -> ConsentRead:
    """Agree to the version in force."""
    return ConsentRead.model_validate(
        await usecases.agree(uow=uow, principal=principal, kind=body.kind, version=body.version)
    )


@router.delete(
    "/consents/{kind}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*AUTH_ERRORS, ConsentUnknownError),
)
async def withdraw_consent(kind: ConsentKind, uow: Uow, principal: CurrentPrincipal) -> None:
    """Take a consent back; the record of it stays."""
    await usecases.withdraw(uow=uow, principal=principal, kind=kind)
