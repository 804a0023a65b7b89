"""What moves when families join or part."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.points.families.domain import File, Move, merge, split, unspent_base
from services.points.families.errors import (
    OpenHoldsError,
    ReasonMissingError,
    SameHouseholdError,
    StandingMissingError,
)
from services.points.ledger.errors import HouseholdClosedError

ONE = File(UUID(int=1), "active", None, standing=130, opening_standing=100, spendable=80, base=0, held=0, arrears=0)
OTHER = replace(ONE, household_id=UUID(int=2))


@pytest.mark.parametrize(
    ("facts", "move"),
    [
        ({}, Move(30, 80, 0)),
        ({"standing": 70}, Move(-30, 80, 0)),
        ({"opening_standing": 0}, Move(130, 80, 0)),
        ({"spendable": 0, "arrears": 15}, Move(30, 0, 15)),
        ({"spendable": 80, "base": 60}, Move(30, 20, 0, base=60)),
        ({"spendable": 60, "base": 60}, Move(30, 0, 0, base=60)),
        ({"merged_into_id": OTHER.household_id, "status": "merged", "standing": 100, "spendable": 4}, Move(0, 4, 0)),
    ],
)
def test_all_but_the_base_moves(facts: dict[str, Any], move: Move) -> None:
    assert merge(replace(ONE, **facts), OTHER, "同住") == move


@pytest.mark.parametrize(
    ("opening", "given_back", "lasting", "lasting_spent", "base"),
    [
        (100, 0, 100, 0, 100),
        (100, 0, 150, 0, 100),
        (100, 0, 90, 60, 40),
        (100, 0, 50, 100, 0),
        (100, 0, 20, 130, 0),
        (100, 100, 5, 0, 0),
        (100, 40, 60, 0, 60),
        (100, 0, 30, 0, 30),
        (0, 0, 30, 0, 0),
    ],
)
def test_what_is_left_of_the_base(opening: int, given_back: int, lasting: int, lasting_spent: int, base: int) -> None:
    left = unspent_base(opening=opening, given_back=given_back, lasting=lasting, lasting_spent=lasting_spent)
    assert left == base


@pytest.mark.parametrize(
    ("file", "into", "reason", "refusal"),
    [
        (ONE, OTHER, " ", ReasonMissingError),
        (ONE, ONE, "同住", SameHouseholdError),
        (ONE, replace(OTHER, merged_into_id=UUID(int=3)), "同住", HouseholdClosedError),
        (replace(ONE, merged_into_id=UUID(int=3)), OTHER, "同住", HouseholdClosedError),
        (replace(ONE, held=5), OTHER, "同住", OpenHoldsError),
    ],
)
def test_what_cannot_join(file: File, into: File, reason: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        merge(file, into, reason)


def test_a_split_moves_what_the_family_agreed() -> None:
    assert split(ONE, OTHER, "成家", standing=130, spendable=50) == Move(130, 50, 0)
    with pytest.raises(StandingMissingError):
        split(ONE, OTHER, "成家", standing=131, spendable=0)
    with pytest.raises(HouseholdClosedError):
        split(replace(ONE, merged_into_id=UUID(int=3)), OTHER, "成家", standing=0, spendable=0)
