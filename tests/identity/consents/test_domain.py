"""Consents: the version in force, asked again after a change, taken back at will."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.identity.consents.domain import (
    REQUIRED,
    Consent,
    ConsentKind,
    Document,
    current_documents,
    give_consent,
    missing_consents,
    withdraw_consent,
)
from services.identity.consents.errors import ConsentUnknownError, ConsentVersionError

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
POLICY, AGREEMENT = ConsentKind.PRIVACY_POLICY, ConsentKind.USER_AGREEMENT


def document(kind: ConsentKind, version: int, effective_at: datetime = NOW) -> Document:
    return Document(kind, version, "标题", "正文", effective_at)


def consent(kind: ConsentKind, version: int) -> Consent:
    return Consent(UUID(int=1), UUID(int=2), kind, version, NOW)


DOCUMENTS = [document(POLICY, 1), document(POLICY, 2, NOW + timedelta(days=1)), document(AGREEMENT, 1)]


@pytest.mark.parametrize(("after", "version"), [(timedelta(), 1), (timedelta(days=1), 2)])
def test_a_new_version_counts_from_its_day(after: timedelta, version: int) -> None:
    assert current_documents(DOCUMENTS, NOW + after)[POLICY].version == version


def test_nothing_is_in_force_before_its_time() -> None:
    assert current_documents(DOCUMENTS, NOW - timedelta(seconds=1)) == {}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ([], [POLICY, AGREEMENT]),
        ([consent(POLICY, 1)], [AGREEMENT]),
        ([consent(POLICY, 1), consent(AGREEMENT, 1)], []),
        ([withdraw_consent(consent(POLICY, 1), now=NOW), consent(AGREEMENT, 1)], [POLICY]),
        ([withdraw_consent(consent(POLICY, 1), now=NOW), consent(POLICY, 1), consent(AGREEMENT, 1)], []),
    ],
)
def test_what_must_still_be_asked(given: list[Consent], missing: list[ConsentKind]) -> None:
    assert missing_consents(current_documents(DOCUMENTS, NOW), given) == missing


def test_a_new_version_is_asked_again() -> None:
    given = [consent(POLICY, 1), consent(AGREEMENT, 1)]
    assert missing_consents(current_documents(DOCUMENTS, NOW + timedelta(days=1)), given) == [POLICY]


def test_a_free_choice_is_never_missing() -> None:
    assert ConsentKind.PHOTO_PUBLICATION not in REQUIRED


def test_yes_is_said_to_the_version_in_force_only() -> None:
    current = current_documents(DOCUMENTS, NOW + timedelta(days=1))
    command = {"consent_id": UUID(int=1), "account_id": UUID(int=2), "now": NOW}
    assert give_consent(current, kind=POLICY, version=2, **command).version == 2
    with pytest.raises(ConsentVersionError) as refused:
        give_consent(current, kind=POLICY, version=1, **command)
    assert refused.value.facts["current"] == 2
    with pytest.raises(ConsentUnknownError):
        give_consent(current, kind=ConsentKind.PHOTO_PUBLICATION, version=1, **command)


def test_a_withdrawal_is_kept_as_it_was() -> None:
    gone = withdraw_consent(consent(POLICY, 1), now=NOW)
    assert withdraw_consent(gone, now=NOW + timedelta(days=1)) == gone
    assert replace(gone, withdrawn_at=None) == consent(POLICY, 1)
