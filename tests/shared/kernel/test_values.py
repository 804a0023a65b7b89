"""Exact fractions and splits that lose nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.values import Ratio, split_by_weights

amounts = st.integers(min_value=0, max_value=10**12)
ratios = st.builds(Ratio, num=st.integers(0, 10_000), den=st.integers(1, 10_000))


@pytest.mark.parametrize(
    ("ratio", "part", "whole", "reached", "exceeded"),
    [
        (Ratio(1, 2), 50, 100, True, False),
        (Ratio(1, 2), 51, 100, True, True),
        (Ratio(1, 2), 49, 100, False, False),
        (Ratio(2, 3), 2768, 4152, True, False),
        (Ratio(2, 3), 2767, 4152, False, False),
        (Ratio(2, 3), 2769, 4152, True, True),
        (Ratio(0, 1), 0, 10, True, False),
        (Ratio(1, 2), 0, 0, False, False),
        (Ratio(0, 1), 0, 0, False, False),
    ],
)
def test_thresholds(ratio: Ratio, part: int, whole: int, reached: bool, exceeded: bool) -> None:
    assert ratio.is_reached_by(part, whole) is reached
    assert ratio.is_exceeded_by(part, whole) is exceeded


@pytest.mark.parametrize(("num", "den"), [(1, 0), (1, -2), (-1, 2)])
def test_fraction_that_is_none_is_refused(num: int, den: int) -> None:
    with pytest.raises(ValueError, match="ratio"):
        Ratio(num, den)


@given(ratios, amounts, st.integers(1, 10**12))
def test_comparison_agrees_with_exact_fractions(ratio: Ratio, part: int, whole: int) -> None:
    exact = Fraction(ratio.num, ratio.den)
    assert ratio.is_reached_by(part, whole) == (Fraction(part, whole) >= exact)
    assert ratio.is_exceeded_by(part, whole) == (Fraction(part, whole) > exact)


@given(ratios, st.integers(1, 10**9))
def test_least_parts_are_least(ratio: Ratio, whole: int) -> None:
    reaching, exceeding = ratio.least_reaching(whole), ratio.least_exceeding(whole)
    assert ratio.is_reached_by(reaching, whole)
    assert reaching == 0 or not ratio.is_reached_by(reaching - 1, whole)
    assert ratio.is_exceeded_by(exceeding, whole)
    assert exceeding == 0 or not ratio.is_exceeded_by(exceeding - 1, whole)


@given(ratios, amounts)
def test_share_is_rounded_down(ratio: Ratio, amount: int) -> None:
    share = ratio.of(amount)
    assert share <= Fraction(ratio.num, ratio.den) * amount < share + 1


def test_ratio_reads_as_a_fraction() -> None:
    assert str(Ratio(2, 3)) == "2/3"


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (1000, [1, 1, 1], [334, 333, 333]),
        (2, [1, 1, 1], [1, 1, 0]),
        (100, [0, 3, 1], [0, 75, 25]),
        (0, [5, 5], [0, 0]),
        (7, [10**20, 10**20], [4, 3]),
        (-7, [1, 1], [-3, -4]),
    ],
)
def test_split(total: int, weights: list[int], shares: list[int]) -> None:
    assert split_by_weights(total, weights) == shares


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_split_without_weights_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_by_weights(10, weights)


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=50).filter(any))
def test_split_adds_up_and_stays_within_one_of_the_exact_share(total: int, weights: list[int]) -> None:
    shares = split_by_weights(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1
        assert weight > 0 or share == 0


@given(amounts, st.lists(st.integers(1, 1000), min_size=2, max_size=20))
def test_larger_weight_never_gets_less(total: int, weights: list[int]) -> None:
    shares = split_by_weights(total, weights)
    pairs = list(zip(weights, shares, strict=True))
    assert all(b[1] >= a[1] for a in pairs for b in pairs if b[0] > a[0])
