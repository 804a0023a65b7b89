"""Five axes, the rater, and the published rate."""

from uuid import UUID

import pytest

from services.property.ratings.domain import AXIS_NAMES, Axis, Rate, Scores, may_judge, satisfaction


def scores(*values: int) -> Scores:
    return Scores(**dict(zip((axis.value for axis in Axis), values, strict=True)))


@pytest.mark.parametrize(
    ("values", "satisfied"),
    [((5, 5, 5, 5, 5), True), ((4, 4, 4, 4, 4), True), ((5, 5, 5, 4, 1), True), ((4, 4, 4, 4, 3), False)],
)
def test_four_on_average_is_satisfied(values: tuple[int, ...], satisfied: bool) -> None:
    assert scores(*values).is_satisfied() is satisfied


@pytest.mark.parametrize("axis", Axis)
@pytest.mark.parametrize("bad", [0, 6, -1])
def test_every_axis_has_its_range(axis: Axis, bad: int) -> None:
    values = {one.value: 3 for one in Axis} | {axis.value: bad}
    with pytest.raises(ValueError, match=axis.value):
        Scores(**values)


def test_every_axis_has_a_word() -> None:
    assert list(AXIS_NAMES) == list(Axis) == list(scores(1, 2, 3, 4, 5).by_axis())


def test_the_unrated_are_never_satisfied() -> None:
    """T4: silence is named beside the rate, it is not inside it."""
    rate = satisfaction([scores(5, 5, 5, 5, 5), scores(1, 1, 1, 1, 1)], unrated=8)
    assert rate == Rate(part=1, n=2, left_out=8)
    assert rate.per_mille == 500


@pytest.mark.parametrize(
    ("part", "n", "per_mille"), [(0, 0, None), (1, 3, 333), (2, 3, 667), (1, 2_000, 1), (3, 3, 1_000)]
)
def test_a_rate_has_a_denominator_or_no_value(part: int, n: int, per_mille: int | None) -> None:
    assert Rate(part, n).per_mille == per_mille


def test_nobody_rates_their_own_household() -> None:
    """T8."""
    assert not may_judge(UUID(int=1), UUID(int=1))
    assert may_judge(UUID(int=1), UUID(int=2))
    assert may_judge(UUID(int=1), None)
