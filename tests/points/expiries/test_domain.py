"""What terms may say, what a new household gets by them, and how days are counted."""

from datetime import UTC, datetime, timedelta

import pytest

from services.points.expiries.domain import ExpiryMode, PolicyTerms, check_terms, days_left, opening
from services.points.expiries.errors import DecisionMissingError, ExpiryRuleInvalidError
from services.points.ledger.domain import OpeningPolicy
from shared.kernel.values import Points

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "terms",
    [
        PolicyTerms(),
        PolicyTerms(expiry_mode=ExpiryMode.MONTHS, expiry_months=1),
        PolicyTerms(expiry_mode=ExpiryMode.MONTHS, expiry_months=120),
        PolicyTerms(expiry_mode=ExpiryMode.YEARLY, expiry_month=2, expiry_day=28),
    ],
)
def test_terms_that_hold_together(terms: PolicyTerms) -> None:
    check_terms(terms, "居民代表会议决议")


@pytest.mark.parametrize(
    "terms",
    [
        PolicyTerms(expiry_mode=ExpiryMode.MONTHS),
        PolicyTerms(expiry_mode=ExpiryMode.MONTHS, expiry_months=121),
        PolicyTerms(expiry_mode=ExpiryMode.YEARLY, expiry_months=-1),
        PolicyTerms(expiry_mode=ExpiryMode.YEARLY, expiry_month=2, expiry_day=29),
        PolicyTerms(expiry_mode=ExpiryMode.YEARLY, expiry_month=4, expiry_day=31),
    ],
)
def test_terms_that_do_not(terms: PolicyTerms) -> None:
    with pytest.raises(ExpiryRuleInvalidError):
        check_terms(terms, "居民代表会议决议")


def test_nothing_changes_without_a_decision() -> None:
    with pytest.raises(DecisionMissingError):
        check_terms(PolicyTerms(), "  ")


@pytest.mark.parametrize(("is_base_spendable", "spendable"), [(True, 60), (False, 0)])
def test_what_a_new_household_is_given(is_base_spendable: bool, spendable: int) -> None:
    terms = PolicyTerms(opening_standing=Points(60), is_base_spendable=is_base_spendable)

    assert opening(terms) == OpeningPolicy(standing=Points(60), base_spendable=Points(spendable))


@pytest.mark.parametrize(
    ("left", "days"), [(timedelta(days=30), 30), (timedelta(days=6, hours=1), 7), (timedelta(seconds=1), 1)]
)
def test_a_day_that_has_begun_counts(left: timedelta, days: int) -> None:
    assert days_left(NOW + left, NOW) == days
