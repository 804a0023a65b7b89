"""Publishing texts, agreeing to them, taking it back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.identity.audits import usecases as audits
from services.identity.consents import repository
from services.identity.consents.domain import (
    Consent,
    ConsentKind,
    Document,
    current_documents,
    give_consent,
    missing_consents,
    withdraw_consent,
)
from services.identity.consents.errors import ConsentUnknownError
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role
from shared.uow import UnitOfWork


async def publish_document(
    *, uow: UnitOfWork, principal: Principal, kind: ConsentKind, title: str, body: str, effective_at: datetime | None
) -> Document:
    """Publish the next version of a text; whoever agreed to the one before is asked again from its day on.

    Errors: ForbiddenError.
    """
    principal.require(Role.COMMUNITY_ADMIN)
    version = await repository.lock_last_version(uow.session, uow.community_id, kind) + 1
    document = Document(kind, version, title, body, effective_at or uow.now)
    await repository.add_document(
        uow.session, uow.community_id, document, published_by=principal.account_id, now=uow.now
    )
    await audits.record_act(
        uow=uow,
        principal=principal,
        act="publish_consent_document",
        subject_kind="consent_document",
        subject_id=f"{kind}:{version}",
    )
    return document


async def list_current_documents(*, uow: UnitOfWork) -> Sequence[Document]:
    """Return the text of each kind that is in force."""
    current = current_documents(await repository.list_documents(uow.session), uow.now)
    return [current[kind] for kind in sorted(current)]


async def list_own_consents(*, uow: UnitOfWork, principal: Principal) -> Sequence[Consent]:
    """Return everything the caller agreed to, oldest first."""
    return await repository.list_consents(uow.session, principal.account_id)


async def list_missing(*, uow: UnitOfWork, account_id: UUID) -> list[ConsentKind]:
    """Return what an account still has to agree to."""
    current = current_documents(await repository.list_documents(uow.session), uow.now)
    return missing_consents(current, await repository.list_consents(uow.session, account_id))


async def agree(*, uow: UnitOfWork, principal: Principal, kind: ConsentKind, version: int) -> Consent:
    """Agree to the version in force.

    Errors: ConsentUnknownError, ConsentVersionError; ForbiddenError for other systems, which agree to nothing.
    Idempotency: agreeing again returns the standing consent.
    """
    if principal.kind is AccountKind.CLIENT:
        raise ForbiddenError
    current = current_documents(await repository.list_documents(uow.session), uow.now)
    given = give_consent(
        current, consent_id=uow.new_id(), account_id=principal.account_id, kind=kind, version=version, now=uow.now
    )
    await repository.add_consent(uow.session, uow.community_id, given)
    consents = await repository.list_consents(uow.session, principal.account_id)
    return next(one for one in consents if (one.kind, one.version, one.withdrawn_at) == (kind, version, None))


async def withdraw(*, uow: UnitOfWork, principal: Principal, kind: ConsentKind) -> None:
    """Take back every standing yes to a kind.

    Errors: ConsentUnknownError when there is none.
    """
    standing = [
        one
        for one in await repository.list_consents(uow.session, principal.account_id)
        if one.kind is kind and one.withdrawn_at is None
    ]
    if not standing:
        raise ConsentUnknownError(kind=kind.value)
    for one in standing:
        await repository.save_withdrawal(uow.session, withdraw_consent(one, now=uow.now))
