"""How pieces are spread, until when they are given out, where missing ones are taken from."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.stock.domain import Demand, fill_buckets, fit, sell_until, spread, take_from
from services.points.stock.errors import StockShortError


@pytest.mark.parametrize(
    ("quantity", "buckets", "parts"), [(10, 1, [10]), (10, 4, [3, 3, 2, 2]), (3, 8, [1, 1, 1]), (1, 1, [1])]
)
def test_a_batch_is_spread_evenly(quantity: int, buckets: int, parts: list[int]) -> None:
    assert fill_buckets(quantity, buckets) == parts


def test_the_last_day_is_a_whole_day_in_china() -> None:
    assert sell_until(date(2026, 5, 31)) == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert sell_until(None) is None


@pytest.mark.parametrize(
    ("available", "quantity", "taken"),
    [
        ({0: 5}, 5, [(0, 5)]),
        ({1: 2, 0: 1}, 2, [(0, 1), (1, 1)]),
        ({0: 0, 1: 3, 2: 3}, 4, [(1, 3), (2, 1)]),
    ],
)
def test_missing_pieces_come_from_the_lowest_buckets(
    available: dict[int, int], quantity: int, taken: list[tuple[int, int]]
) -> None:
    assert take_from(available, quantity) == taken


def test_what_is_set_aside_cannot_go_missing() -> None:
    with pytest.raises(StockShortError) as refusal:
        take_from({0: 1, 1: 1}, 3)
    assert dict(refusal.value.facts) == {"needed": 3, "available": 2}


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=64), st.integers(1, 64))
def test_splitting_and_merging_lose_nothing(available: list[int], buckets: int) -> None:
    parts = spread(available, buckets)

    assert sum(parts) == sum(available)
    assert len(parts) == max(len(available), buckets)
    assert all(part == 0 for part in parts[buckets:]), "a bucket that is no longer wanted is empty and stays"
    assert max(parts[:buckets]) - min(parts[:buckets]) <= 1


@pytest.mark.parametrize(
    ("buckets", "redeemed", "free", "idle_seconds", "wanted"),
    [
        (1, 300, 1_000_000, 0, 1),
        (1, 301, 1_000_000, 0, 2),
        (1, 301, 199, 0, 1),
        (1, 301, 200, 0, 2),
        (2, 301, 1_000_000, 0, 2),
        (16, 4801, 1_000_000, 0, 32),
        (20, 6001, 1_000_000, 0, 32),
        (32, 9600, 1_000_000, 0, 32),
        (64, 99_999, 1_000_000, 0, 64),
        (8, 1, 0, 59, 8),
        (8, 0, 800, 60, 8),
        (8, 0, 799, 60, 1),
        (8, 0, 800, 599, 8),
        (8, 0, 800, 600, 1),
        (1, 0, 0, 600, 1),
    ],
)
def test_buckets_follow_demand(buckets: int, redeemed: int, free: int, idle_seconds: int, wanted: int) -> None:
    assert fit(buckets, Demand(redeemed, free, timedelta(seconds=idle_seconds))) == wanted
