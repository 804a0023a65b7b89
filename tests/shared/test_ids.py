"""Ids of new rows: all different, growing with time."""

from shared.ids import new_id


def test_ids_differ_and_grow() -> None:
    made = [new_id() for _ in range(2_000)]
    assert len(set(made)) == 2_000
    assert made == sorted(made)
    assert {one.version for one in made} == {7}
