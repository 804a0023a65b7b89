"""What a seal is made of, and that every part of it counts."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.points.seals.domain import NO_SEAL, Head, leaf_of, next_due_at, root_of, seal, totals_of

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
COMMUNITY = UUID(int=9)


def head(number: int, **facts: Any) -> Head:
    return replace(Head(UUID(int=number), "household", "spendable", number, bytes([number] * 32), 10 * number), **facts)


def pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def test_root_of_nothing_and_of_one() -> None:
    assert root_of([]) == hashlib.sha256(b"").digest()
    assert root_of([head(1)]) == leaf_of(head(1))


def test_an_odd_one_moves_up_as_it_is() -> None:
    one, two, three = (leaf_of(head(n)) for n in (1, 2, 3))

    assert root_of([head(3), head(1), head(2)]) == pair(pair(one, two), three)


def test_totals_by_kind_and_by_name() -> None:
    heads = [head(1), head(2), head(3, kind="arrears", amount=-7), head(4, asset="standing")]

    assert totals_of(heads, {("spendable", "issuance"): -23, ("standing", "issuance"): -40}) == {
        "spendable": {"arrears": -7, "household": 30, "issuance": -23},
        "standing": {"household": 40, "issuance": -40},
    }


def test_a_seal_names_the_one_before() -> None:
    first = seal(community_id=COMMUNITY, previous=None, made_at=NOW, heads=[head(1)], system={})
    second = seal(community_id=COMMUNITY, previous=first, made_at=NOW, heads=[head(1)], system={})

    assert (first.number, first.previous_hash, second.number, second.previous_hash) == (1, NO_SEAL, 2, first.hash)
    assert first.code.replace(" ", "").lower() == first.hash.hex()[:16]


@pytest.mark.parametrize(
    "other",
    [
        {"community_id": UUID(int=8)},
        {"made_at": NOW + timedelta(microseconds=1)},
        {"heads": [head(2)]},
        {"heads": [head(1, version=2)]},
        {"heads": [head(1, head=bytes(32))]},
        {"heads": [head(1, amount=11)]},
        {"system": {("spendable", "store"): 0}},
    ],
)
def test_whatever_differs_makes_another_seal(other: dict[str, Any]) -> None:
    facts: dict[str, Any] = {
        "community_id": COMMUNITY,
        "previous": None,
        "made_at": NOW,
        "heads": [head(1)],
        "system": {},
    }

    assert seal(**facts).hash == seal(**facts).hash
    assert seal(**facts).hash != seal(**facts | other).hash


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 5, 11, 15, 59, 59, tzinfo=UTC), datetime(2026, 5, 11, 16, tzinfo=UTC)),
        (datetime(2026, 5, 11, 16, 0, tzinfo=UTC), datetime(2026, 5, 12, 16, tzinfo=UTC)),
    ],
)
def test_the_next_seal_is_due_at_midnight_in_china(now: datetime, due: datetime) -> None:
    assert next_due_at(now) == due
