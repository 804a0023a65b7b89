from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proposals.exports import verifier
from services.proposals.rolls.domain import Unit, freeze
from services.proposals.rolls.errors import RollEmptyError
from services.proposals.rounds.domain import Grade, Method, Round, RoundRule, RoundState, freeze_content, options_for
from services.proposals.rounds.presets import get_preset
from services.proposals.rounds.quorum import Measure, Quantity
from services.proposals.tallies.domain import OpenedBallot, count
from services.proposals.tallies.errors import BallotsDisagreeError


def rule(code: str) -> RoundRule:
    preset = get_preset(code)
    return RoundRule(code, preset.body, preset.held_when, preset.decided_when, preset.law, preset.article, True, "")


ROUND = Round(
    round_id=UUID(int=1), proposal_id=UUID(int=2), process_id=UUID(int=3), step_code="residents_decide",
    state=RoundState.CLOSED, question="是否加装电梯", method=Method.YES_NO_ABSTAIN,
    options=options_for(Method.YES_NO_ABSTAIN, [], 1), max_choices=1, grade=Grade.NAMED_PRIVATE,
    rule=rule("owners_ordinary"), roll_id=UUID(int=4), text_hash="h",
    opens_at=datetime(2026, 3, 1, tzinfo=UTC), closes_at=datetime(2026, 3, 8, tzinfo=UTC),
)  # fmt: skip


def units(n: int, area: int = 10_000) -> list[Unit]:
    return [Unit(UUID(int=100 + i), f"{i} 室", 1, area, ()) for i in range(n)]


def votes(*choices: str) -> list[OpenedBallot]:
    return [OpenedBallot(UUID(int=100 + i), (choice,)) for i, choice in enumerate(choices)]


def test_five_hundred_units_hold_with_334_and_need_33333_34_square_metres() -> None:
    ballots = votes(*["yes"] * 168, *["no"] * 166)
    outcome = count(ROUND, units(500), ballots, present=None, logged=334)
    assert (outcome.is_held, outcome.is_decided) == (True, True)
    assert "33,333.34 平方米" in outcome.text()
    assert "334 人" in outcome.text()
    assert "结果：通过。" in outcome.text()
    short = count(ROUND, units(500), ballots[:333], present=None, logged=333)
    assert (short.is_held, short.is_passed) == (False, False)


def test_area_and_heads_must_both_agree() -> None:
    # One owner of a large flat cannot decide alone, and many small flats cannot outvote the area.
    large = [Unit(UUID(int=100), "底商", 1, 1_000_000, ()), *units(10)[1:]]
    outcome = count(ROUND, large, votes("no", *["yes"] * 9), present=None, logged=10)
    assert outcome.is_held
    assert not outcome.is_decided


def test_an_absent_is_not_an_abstention() -> None:
    outcome = count(ROUND, units(3), votes("yes", "abstain"), present=None, logged=2)
    by_code = {c.code: c for c in outcome.counts}
    assert (by_code["yes"].units, by_code["abstain"].units, by_code["no"].units) == (1, 1, 0)
    assert outcome.figures.get(Measure.HOUSEHOLDS, Quantity.TAKING_PART) == 2
    assert not outcome.is_decided, "one of two taking part is not more than half"


@pytest.mark.parametrize(("present", "held", "decided"), [(None, False, False), (2, True, True), (1, False, True)])
def test_presence_is_never_derived_from_ballots(present: int | None, held: bool, decided: bool) -> None:
    meeting = replace(ROUND, rule=rule("residents_meeting"))
    outcome = count(meeting, units(3), votes("yes", "yes"), present=present, logged=2)
    assert (outcome.is_held, outcome.is_decided) == (held, decided)


@pytest.mark.parametrize(
    ("ballots", "logged"),
    [
        (votes("yes"), 2),
        (votes("yes", "no"), 1),
        ([OpenedBallot(UUID(int=1), ("yes",))], 1),
        ([OpenedBallot(UUID(int=100), ("yes",))] * 2, 2),
    ],
    ids=["lost", "stuffed", "not on the roll", "twice"],
)
def test_a_box_that_differs_from_the_log_is_not_counted(ballots: list[OpenedBallot], logged: int) -> None:
    with pytest.raises(BallotsDisagreeError):
        count(ROUND, units(3), ballots, present=None, logged=logged)


def test_the_option_with_most_heads_is_put_to_the_rule() -> None:
    choice = replace(
        ROUND, method=Method.SINGLE, options=options_for(Method.SINGLE, [("a", "亭子"), ("b", "停车位")], 1)
    )
    outcome = count(choice, units(5), votes("b", "b", "b", "a", "abstain"), present=None, logged=5)
    assert outcome.winner == "b"
    assert outcome.is_passed


chosen = st.lists(st.sampled_from(["yes", "no", "abstain"]), max_size=12)


@given(chosen)
def test_what_is_counted_is_what_was_cast(choices: list[str]) -> None:
    outcome = count(ROUND, units(12), votes(*choices), present=None, logged=len(choices))
    assert sum(c.units for c in outcome.counts) == len(choices)
    assert sum(c.area_cm2e2 for c in outcome.counts) == 10_000 * len(choices)
    again = count(ROUND, units(12), votes(*choices)[::-1], present=None, logged=len(choices))
    assert again.result_hash() == outcome.result_hash()


def test_a_roll_has_one_hash_and_any_change_changes_it() -> None:
    roll = freeze(units(4), scope_name="1 栋")
    assert roll.roll_hash == freeze(reversed(units(4)), scope_name="1 栋").roll_hash
    assert (roll.heads, roll.area_cm2e2) == (4, 40_000)
    base = units(4)
    for changed in (
        replace(base[0], area_cm2e2=10_001),
        replace(base[0], heads=0),
        replace(base[0], label="别处"),
        replace(base[0], actors=(UUID(int=9),)),
    ):
        assert freeze([changed, *base[1:]], scope_name="1 栋").roll_hash != roll.roll_hash
    with pytest.raises(RollEmptyError):
        freeze([], scope_name="1 栋")


def chosen_by(*choices: tuple[str, ...]) -> list[OpenedBallot]:
    return [OpenedBallot(UUID(int=100 + i), choice) for i, choice in enumerate(choices)]


def choice_of(method: Method, rule_code: str = "owners_ordinary") -> Round:
    options = [("a", "亭子"), ("b", "停车位"), ("c", "花坛")]
    return replace(ROUND, method=method, options=options_for(method, options, 2), max_choices=2, rule=rule(rule_code))


@pytest.mark.parametrize("method", [Method.SINGLE, Method.APPROVE])
@pytest.mark.parametrize(
    ("ballots", "winner", "tied", "needs_runoff"),
    [
        ([("a",), ("b",)], None, ("a", "b"), True),
        ([("b",), ("a",)], None, ("a", "b"), True),
        ([("c",), ("b",), ("abstain",)], None, ("b", "c"), True),
        ([("a",), ("b",), ("c",)], None, ("a", "b", "c"), True),
        ([("b",), ("b",), ("a",)], "b", (), False),
        ([("abstain",), ("abstain",)], None, ("a", "b", "c"), False),
        ([("b",), ("c",)] * 2 + [("a",)], None, ("b", "c"), True),
        ([], None, ("a", "b", "c"), False),
    ],
)
def test_a_tie_goes_to_nobody(
    method: Method, ballots: list[tuple[str, ...]], winner: str | None, tied: tuple[str, ...], needs_runoff: bool
) -> None:
    outcome = count(
        choice_of(method), units(max(len(ballots), 2)), chosen_by(*ballots), present=None, logged=len(ballots)
    )
    assert (outcome.winner, outcome.tied, outcome.needs_runoff) == (winner, tied, needs_runoff)
    assert outcome.to_json().get("tied", []) == list(tied)
    assert not (tied and outcome.is_decided)
    assert ("平票，没有作出决定" in outcome.text()) is needs_runoff


def test_options_all_agree_on_are_level_too() -> None:
    outcome = count(choice_of(Method.APPROVE), units(4), chosen_by(*[("b", "a")] * 3), present=None, logged=3)
    assert outcome.is_held
    assert not outcome.is_passed
    assert (
        "得票最多的选项只有一个：基数 3 个选项，需要 1 个，实际 2 个（亭子、停车位并列，各得 3 人、300.00 平方米）"
        in (outcome.text())
    )
    assert outcome.text().endswith("结果：平票，没有作出决定。下一步：在并列的选项之间再投一次。")


def test_area_breaks_a_tie_only_where_the_rule_counts_area() -> None:
    flats = [Unit(UUID(int=100), "大户型", 1, 20_000, ()), *units(2)[1:]]
    ballots = chosen_by(("b",), ("a",))
    assert count(choice_of(Method.SINGLE), flats, ballots, present=None, logged=2).winner == "b"
    meeting = count(choice_of(Method.SINGLE, "residents_meeting"), flats, ballots, present=2, logged=2)
    assert (meeting.winner, meeting.tied) == (None, ("a", "b"))
    assert "亭子、停车位并列，各得 1 户" in meeting.text()


choices = st.lists(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True) | st.just(["abstain"]), max_size=9
)


@given(choices, st.sampled_from(["owners_ordinary", "residents_meeting"]), st.lists(st.integers(1, 2), min_size=9))
def test_the_verifier_comes_to_the_same_result(cast: list[list[str]], code: str, areas: list[int]) -> None:
    round_ = choice_of(Method.APPROVE, code)
    roll = [replace(unit, area_cm2e2=area) for unit, area in zip(units(9), areas, strict=False)]
    outcome = count(round_, roll, chosen_by(*map(tuple, cast)), present=9, logged=len(cast))
    content = freeze_content(round_, roll_hash="", public_key=b"")
    lines = [{"unit": str(u.unit_id), "heads": u.heads, "area_cm2e2": u.area_cm2e2} for u in roll]
    opened = {str(UUID(int=100 + i)): choice for i, choice in enumerate(cast)}
    assert verifier.recount(content, lines, opened, outcome.to_json()) == outcome.to_json()
