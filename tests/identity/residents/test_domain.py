from datetime import date

import pytest

from services.identity.residents.domain import Relation, is_adult


@pytest.mark.parametrize(
    ("born_on", "on", "adult"),
    [
        (date(2008, 5, 11), date(2026, 5, 10), False),
        (date(2008, 5, 11), date(2026, 5, 11), True),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (date(2026, 5, 11), date(2026, 5, 11), False),
    ],
)
def test_a_person_is_of_age_on_the_eighteenth_birthday(born_on, on, adult):
    assert is_adult(born_on, Relation.CHILD, on) is adult


@pytest.mark.parametrize("relation", list(Relation))
def test_without_a_birthday_children_are_not_assumed_to_be_of_age(relation):
    assert is_adult(None, relation, date(2026, 5, 11)) is (relation not in {Relation.CHILD, Relation.GRANDCHILD})
