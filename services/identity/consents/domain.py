"""What people agreed to, in which version, and since when.

Source: 个人信息保护法 第十四条 (a change of purpose needs consent again), 第十五条 (consent can be withdrawn).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.identity.consents.errors import ConsentUnknownError, ConsentVersionError


class ConsentKind(StrEnum):
    """What can be agreed to; each kind has its own versions."""

    PRIVACY_POLICY = "privacy_policy"
    USER_AGREEMENT = "user_agreement"
    PHOTO_PUBLICATION = "photo_publication"


REQUIRED = frozenset({ConsentKind.PRIVACY_POLICY, ConsentKind.USER_AGREEMENT})
"""Without these nobody can use an account; the rest is free choice."""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a text that is in force from a moment on."""

    kind: ConsentKind
    version: int
    title: str
    body: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's yes to one version."""

    id: UUID
    account_id: UUID
    kind: ConsentKind
    version: int
    given_at: datetime
    withdrawn_at: datetime | None = None


def current_documents(documents: Iterable[Document], now: datetime) -> dict[ConsentKind, Document]:
    """Return the version of each kind that is in force at this moment."""
    current: dict[ConsentKind, Document] = {}
    for document in documents:
        if document.effective_at <= now and (
            document.kind not in current or document.version > current[document.kind].version
        ):
            current[document.kind] = document
    return current


def missing_consents(
    current: dict[ConsentKind, Document], given: Iterable[Consent], *, kinds: frozenset[ConsentKind] = REQUIRED
) -> list[ConsentKind]:
    """Return the kinds that must be asked (again): never given, withdrawn, or given to an older version."""
    standing = {(c.kind, c.version) for c in given if c.withdrawn_at is None}
    return sorted(kind for kind in kinds if kind in current and (kind, current[kind].version) not in standing)


def give_consent(
    current: dict[ConsentKind, Document],
    *,
    consent_id: UUID,
    account_id: UUID,
    kind: ConsentKind,
    version: int,
    now: datetime,
) -> Consent:
    """Say yes to the version in force, and to no other.

    Errors: ConsentUnknownError, ConsentVersionError.
    """
    if kind not in current:
        raise ConsentUnknownError(kind=kind.value)
    if current[kind].version != version:
        raise ConsentVersionError(kind=kind.value, current=current[kind].version)
    return Consent(id=consent_id, account_id=account_id, kind=kind, version=version, given_at=now)


def withdraw_consent(consent: Consent, *, now: datetime) -> Consent:
    """Take a yes back; the record of it stays."""
    return consent if consent.withdrawn_at is not None else replace(consent, withdrawn_at=now)
