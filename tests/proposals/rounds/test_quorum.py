from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proposals.rounds.derivation import derivation_rows, print_derivation, quantity_text
from services.proposals.rounds.presets import (
    PRESETS,
    PresetNeedsSignatureError,
    UnknownPresetError,
    get_preset,
    require_usable,
)
from services.proposals.rounds.quorum import (
    AllOf,
    AnyOf,
    Comparison,
    Figures,
    Measure,
    Quantity,
    RuleError,
    Test,
    asks_for,
    evaluate,
    measures_of,
    rule_from_json,
    rule_to_json,
)

H, A, HH, M = Measure.HEADS, Measure.AREA, Measure.HOUSEHOLDS, Measure.MEMBERS
ELIGIBLE, PRESENT, PART, YES = Quantity.ELIGIBLE, Quantity.PRESENT, Quantity.TAKING_PART, Quantity.YES


def of(measure: Measure, **values: int) -> Figures:
    return Figures({(measure, Quantity(name)): value for name, value in values.items()})


def both(*parts: Figures) -> Figures:
    return Figures({key: value for part in parts for key, value in part.values.items()})


@pytest.mark.parametrize(
    ("preset", "recorded", "held"),
    [
        # 500 units, 50,000.00 m²: taking part needs 334 heads and 33,333.34 m².
        (
            "owners_ordinary",
            both(of(H, eligible=500, taking_part=334), of(A, eligible=5_000_000, taking_part=3_333_334)),
            True,
        ),
        (
            "owners_ordinary",
            both(of(H, eligible=500, taking_part=333), of(A, eligible=5_000_000, taking_part=3_333_334)),
            False,
        ),
        (
            "owners_ordinary",
            both(of(H, eligible=500, taking_part=334), of(A, eligible=5_000_000, taking_part=3_333_333)),
            False,
        ),
        (
            "owners_special",
            both(of(H, eligible=500, taking_part=334), of(A, eligible=5_000_000, taking_part=3_333_334)),
            True,
        ),
        (
            "owners_special",
            both(of(H, eligible=500, taking_part=334), of(A, eligible=5_000_000, taking_part=3_333_333)),
            False,
        ),
        # 30 of 45 representatives hold.
        ("villagers_representatives", of(M, eligible=45, present=30), True),
        ("villagers_representatives", of(M, eligible=45, present=29), False),
        # 500 of 1,000 adults do not hold unless 200 of 300 households do.
        ("villagers_meeting", both(of(M, eligible=1000, present=500), of(HH, eligible=300, present=199)), False),
        ("villagers_meeting", both(of(M, eligible=1000, present=500), of(HH, eligible=300, present=200)), True),
        ("villagers_meeting", both(of(M, eligible=1000, present=501), of(HH, eligible=300, present=0)), True),
        ("villager_group", both(of(M, eligible=90, present=60), of(HH, eligible=30, present=0)), True),
        ("villager_group", both(of(M, eligible=90, present=59), of(HH, eligible=30, present=19)), False),
        ("residents_meeting", of(M, eligible=1000, present=500), False),
        ("residents_meeting", of(M, eligible=1000, present=501), True),
        ("villager_group", both(of(M, eligible=90, present=0), of(HH, eligible=30, present=20)), True),
        ("residents_meeting", of(HH, eligible=300, present=150), False),
        ("residents_meeting", of(HH, eligible=300, present=151), True),
        ("residents_representatives", of(M, eligible=45, present=22), False),
        ("residents_representatives", of(M, eligible=45, present=23), True),
        ("party_members", of(M, eligible=60, present=30), False),
        ("party_members", of(M, eligible=60, present=31), True),
        ("party_members_two_thirds", of(M, eligible=60, present=39), False),
        ("party_members_two_thirds", of(M, eligible=60, present=40), True),
        ("two_committees", of(M, eligible=9, present=4), False),
        ("two_committees", of(M, eligible=9, present=5), True),
        ("collective_members", of(M, eligible=100, present=66), False),
        ("collective_members", of(M, eligible=100, present=67), True),
        # An empty body holds nothing.
        ("two_committees", of(M, eligible=0, present=0), False),
        ("two_committees", Figures(), False),
    ],
)
def test_when_a_meeting_is_held(preset: str, recorded: Figures, held: bool) -> None:
    assert evaluate(get_preset(preset).held_when, recorded).is_met is held


def test_every_preset_has_its_rows() -> None:
    """Both sides of both questions, for every body; collective members need two thirds of all to decide."""
    for test in (test_when_a_meeting_is_held, test_when_a_matter_is_decided):
        (rows,) = [mark.args[1] for mark in test.pytestmark if mark.name == "parametrize"]
        sides = {(row[0], row[2]) for row in rows}
        lacking = {(code, side) for code in PRESETS for side in (True, False)} - sides
        assert lacking == set(), test.__name__


@pytest.mark.parametrize(
    ("preset", "recorded", "decided"),
    [
        ("villagers_representatives", of(M, present=30, yes=16), True),
        ("villagers_representatives", of(M, present=30, yes=15), False),
        ("villagers_meeting", of(HH, present=200, yes=101), True),
        ("villagers_meeting", of(HH, present=200, yes=100), False),
        ("owners_ordinary", both(of(H, taking_part=334, yes=168), of(A, taking_part=3_333_334, yes=1_666_668)), True),
        ("owners_ordinary", both(of(H, taking_part=334, yes=167), of(A, taking_part=3_333_334, yes=1_666_668)), False),
        ("owners_ordinary", both(of(H, taking_part=334, yes=168), of(A, taking_part=3_333_334, yes=1_666_667)), False),
        ("owners_special", both(of(H, taking_part=400, yes=300), of(A, taking_part=4_000_000, yes=3_000_000)), True),
        ("owners_special", both(of(H, taking_part=400, yes=299), of(A, taking_part=4_000_000, yes=3_000_000)), False),
        ("owners_special", both(of(H, taking_part=400, yes=300), of(A, taking_part=4_000_000, yes=2_999_999)), False),
        ("collective_members", of(M, eligible=100, present=80, yes=66), False),
        ("collective_members", of(M, eligible=100, present=67, yes=67), True),
        ("party_members", of(M, present=31, yes=16), True),
        ("party_members", of(M, present=32, yes=16), False),
        ("two_committees", of(M, present=0, yes=0), False),
        ("two_committees", of(M, present=5, yes=3), True),
        ("two_committees", of(M, present=6, yes=3), False),
        ("villagers_meeting", of(M, present=501, yes=251), True),
        ("villagers_meeting", of(M, present=502, yes=251), False),
        ("villager_group", of(M, present=60, yes=31), True),
        ("villager_group", of(M, present=60, yes=30), False),
        ("villager_group", of(HH, present=20, yes=11), True),
        ("villager_group", of(HH, present=20, yes=10), False),
        ("residents_meeting", of(HH, present=151, yes=76), True),
        ("residents_meeting", of(HH, present=152, yes=76), False),
        ("residents_meeting", of(M, present=501, yes=251), True),
        ("residents_representatives", of(M, present=23, yes=12), True),
        ("residents_representatives", of(M, present=24, yes=12), False),
        ("party_members_two_thirds", of(M, present=40, yes=21), True),
        ("party_members_two_thirds", of(M, present=40, yes=20), False),
    ],
)
def test_when_a_matter_is_decided(preset: str, recorded: Figures, decided: bool) -> None:
    assert evaluate(get_preset(preset).decided_when, recorded).is_met is decided


def test_the_table_names_need_have_and_met() -> None:
    recorded = both(of(H, eligible=500, taking_part=334), of(A, eligible=5_000_000, taking_part=3_333_333))
    rows = derivation_rows(evaluate(get_preset("owners_ordinary").held_when, recorded))
    assert [row["is_met"] for row in rows] == [False, False, True]
    assert rows[0]["group"] == "all"
    assert (rows[1]["need"], rows[1]["have"]) == ("33,333.34 平方米", "33,333.33 平方米")
    assert rows[1]["condition"] == "参与表决专有部分面积占应到（全体）的三分之二以上"
    assert rows[1]["working"] == "3333333×3=9999999 ≥ 2×5000000=10000000 不成立"
    assert (rows[2]["need"], rows[2]["have"]) == ("334 人", "334 人")


def test_the_derivation_prints_in_chinese() -> None:
    derivation = evaluate(get_preset("villagers_representatives").held_when, of(M, eligible=45, present=30))
    assert print_derivation("会议是否成立", derivation) == (
        "会议是否成立：达到\n　√ 到会人数占应到（全体）的三分之二以上：基数 45 人，需要 30 人，实际 30 人（30×3=90 ≥ 2×45=90 成立）"
    )


def test_an_unrecorded_figure_is_said_and_not_met() -> None:
    (row,) = derivation_rows(evaluate(get_preset("two_committees").held_when, of(M, eligible=9)))
    assert (row["have"], row["is_met"]) == ("未登记", False)
    assert "没有登记" in row["working"]


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [(A, 3_333_334, "33,333.34 平方米"), (A, 5, "0.05 平方米"), (HH, 1234, "1,234 户"), (M, None, "未登记")],
)
def test_quantities_carry_their_unit(measure: Measure, value: int | None, text: str) -> None:
    assert quantity_text(measure, value) == text


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda p: p.code)
def test_every_preset_names_its_law_and_survives_storage(preset) -> None:
    assert preset.law
    assert preset.article
    for rule in (preset.held_when, preset.decided_when):
        assert rule_from_json(rule_to_json(rule)) == rule
        assert measures_of(rule)


def test_the_committee_laws_ship_unverified_and_need_a_name() -> None:
    unverified = {code for code, preset in PRESETS.items() if not preset.is_verified}
    assert {"villagers_meeting", "residents_meeting", "residents_representatives"} <= unverified
    assert get_preset("owners_ordinary").is_verified
    with pytest.raises(PresetNeedsSignatureError):
        require_usable(get_preset("residents_meeting"), signed_off_by="  ")
    require_usable(get_preset("residents_meeting"), signed_off_by="王主任")
    require_usable(get_preset("owners_ordinary"), signed_off_by=None)
    with pytest.raises(UnknownPresetError):
        get_preset("whatever")


def test_presence_is_asked_for_by_meetings_and_not_by_owners() -> None:
    assert get_preset("residents_meeting").needs_presence
    assert not get_preset("owners_ordinary").needs_presence
    assert asks_for(AllOf((Test(HH, PRESENT, ELIGIBLE, Comparison.GT, 1, 2),)), PRESENT)


GOOD = {"measure": "heads", "numerator": "yes", "denominator": "taking_part", "comparison": "gt", "num": 1, "den": 2}


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "all",
        {},
        {"all": []},
        {"all": "heads"},
        {"all": [GOOD], "any": [GOOD]},
        GOOD | {"num": 0.5},
        GOOD | {"num": True},
        GOOD | {"den": 0},
        GOOD | {"num": 3},
        GOOD | {"num": -1},
        GOOD | {"measure": "cats"},
        GOOD | {"numerator": "eligible"},
        GOOD | {"denominator": "yes"},
        GOOD | {"comparison": "lt"},
        GOOD | {"extra": 1},
        {"any": [{"any": [{"any": [{"any": [{"any": [GOOD]}]}]}]}]},
        {"any": [GOOD] * 17},
    ],
)
def test_a_malformed_rule_is_refused(bad: object) -> None:
    with pytest.raises(RuleError):
        rule_from_json(bad)


tests_ = st.builds(
    lambda m, c, den, num: Test(m, YES, PART, c, min(num, den), den),
    st.sampled_from(Measure),
    st.sampled_from(Comparison),
    st.integers(1, 100),
    st.integers(0, 100),
)
rules = st.recursive(
    tests_,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=4,
)
counted = st.dictionaries(
    st.tuples(st.sampled_from(Measure), st.sampled_from([YES, PART])), st.integers(0, 10**12)
).map(Figures)


def model(rule, recorded: Figures) -> bool:
    """The same decision by rational numbers, written independently."""
    if isinstance(rule, Test):
        have, whole = recorded.get(rule.measure, rule.numerator), recorded.get(rule.measure, rule.denominator)
        if not whole or have is None:
            return False
        share, wanted = Fraction(have, whole), Fraction(rule.num, rule.den)
        return share > wanted if rule.comparison is Comparison.GT else share >= wanted
    decided = [model(part, recorded) for part in rule.parts]
    return all(decided) if isinstance(rule, AllOf) else any(decided)


@given(rules, counted)
def test_the_engine_agrees_with_rational_arithmetic(rule, recorded: Figures) -> None:
    derivation = evaluate(rule, recorded)
    assert derivation.is_met == model(rule, recorded)
    assert rows_are_consistent(derivation)


def rows_are_consistent(derivation) -> bool:
    rows = derivation_rows(derivation)
    return rows[0]["is_met"] == derivation.is_met and all("condition" in row for row in rows)


@given(rules)
def test_a_rule_survives_storage(rule) -> None:
    assert rule_from_json(rule_to_json(rule)) == rule


@given(tests_, st.integers(1, 10**6))
def test_the_need_is_the_smallest_figure_that_is_enough(test: Test, whole: int) -> None:
    (row,) = evaluate(test, Figures({(test.measure, PART): whole, (test.measure, YES): 0})).lines
    for have, expected in ((row.need, True), (row.need - 1, False)):
        if have >= 0:
            recorded = Figures({(test.measure, PART): whole, (test.measure, YES): have})
            assert evaluate(test, recorded).is_met is expected
