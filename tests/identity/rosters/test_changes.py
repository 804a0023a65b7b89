from dataclasses import dataclass

from services.identity.rosters.changes import PersonKey, compare, digest, match_people


@dataclass(frozen=True)
class Thing:
    name: str
    size: int = 1


def test_a_comparison_names_what_is_added_changed_and_removed():
    changes = compare(
        {"a": Thing("x"), "b": Thing("y", 2), "c": Thing("z")}, {"b": Thing("y", 3), "c": Thing("z"), "d": Thing("w")}
    )
    assert changes.added == {"a": Thing("x")}
    assert changes.changed == {"b": (Thing("y", 2), ("size",))}
    assert changes.removed == {"d"}
    assert changes.counts() == {"added": 1, "changed": 1, "removed": 1}
    assert not changes.is_empty


def test_the_same_again_changes_nothing():
    things = {"a": Thing("x")}
    assert compare(things, dict(things)).is_empty


def test_a_person_is_recognised_by_number_wherever_they_moved():
    moved = PersonKey(b"1", "H2", "张三")
    assert match_people([moved], {7: PersonKey(b"1", "H1", "张三")}) == {moved: 7}


def test_a_person_without_number_is_recognised_by_household_and_name():
    known = {7: PersonKey(None, "H1", "张三"), 8: PersonKey(None, "H2", "张三")}
    here = PersonKey(None, "H2", "张三")
    assert match_people([here], known) == {here: 8}


def test_a_number_that_is_filled_in_later_still_matches():
    numbered = PersonKey(b"1", "H1", "张三")
    assert match_people([numbered], {7: PersonKey(None, "H1", "张三")}) == {numbered: 7}


def test_two_numbers_are_two_people_even_of_one_name():
    assert match_people([PersonKey(b"1", "H1", "张三")], {7: PersonKey(b"2", "H1", "张三")}) == {}


def test_nobody_is_matched_twice():
    by_number, by_name = PersonKey(b"1", "H1", "张三"), PersonKey(None, "H1", "张三")
    assert match_people([by_name, by_number], {7: PersonKey(b"1", "H1", "张三")}) == {by_number: 7}


def test_the_digest_tells_differences_apart_and_ignores_order():
    one = compare({"a": Thing("x"), "b": Thing("y")}, {})
    same = compare({"b": Thing("y"), "a": Thing("x")}, {})
    other = compare({"a": Thing("x")}, {"b": Thing("y")})
    assert digest([one]) == digest([same])
    assert digest([one]) != digest([other])
