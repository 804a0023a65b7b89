"""Who steps aside: the own household, and those in which kin live."""

from uuid import UUID

import pytest

from services.points.kinships.domain import households_aside, steps_aside
from shared.ids import new_id
from shared.testing.clients import People

PEOPLE = People(new_id())
OWN, KIN, OTHER = new_id(), new_id(), new_id()


@pytest.mark.parametrize(
    ("concerned", "is_aside"),
    [
        ((), False),
        ((None,), False),
        ((OTHER,), False),
        ((OTHER, None), False),
        ((OWN,), True),
        ((KIN,), True),
        ((OTHER, OWN), True),
        ((OTHER, KIN), True),
    ],
)
def test_who_steps_aside(concerned: tuple[UUID | None, ...], is_aside: bool) -> None:
    assert steps_aside(PEOPLE.resident(OWN), frozenset({KIN}), *concerned) is is_aside


def test_who_lives_elsewhere_steps_aside_for_kin_alone() -> None:
    staff = PEOPLE.staff()
    assert not steps_aside(staff, frozenset(), OWN, None)
    assert steps_aside(staff, frozenset({KIN}), KIN)
    assert households_aside(staff, frozenset({KIN})) == {KIN}
    assert households_aside(PEOPLE.resident(OWN), frozenset({KIN})) == {OWN, KIN}
