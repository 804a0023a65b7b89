"""The rule engine: may the meeting be held, is the matter decided, and the table that proves it.

A rule is a tree of `all` and `any` over tests such as "taking part ≥ 2/3 of the eligible area". Everything is integer
cross-multiplication; an empty whole meets nothing. 以上 includes the number (`ge`), 过半数 does not (`gt` 1/2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from shared.kernel.errors import InvalidError
from shared.kernel.values import Ratio

MAX_DEPTH = 4
MAX_TESTS = 16


class Measure(StrEnum):
    """What is counted: heads by the owners' counting rule, area in 0.01 m², households, or members of a body."""

    HEADS = "heads"
    AREA = "area"
    HOUSEHOLDS = "households"
    MEMBERS = "members"


class Quantity(StrEnum):
    """Which part of a measure. `cast` includes spoiled ballots, `cast_valid` does not; presence is its own record."""

    ELIGIBLE = "eligible"
    PRESENT = "present"
    TAKING_PART = "taking_part"
    CAST = "cast"
    CAST_VALID = "cast_valid"
    YES = "yes"


class Comparison(StrEnum):
    GT = "gt"
    GE = "ge"


NUMERATORS = frozenset({Quantity.PRESENT, Quantity.TAKING_PART, Quantity.YES, Quantity.CAST})
DENOMINATORS = frozenset({Quantity.ELIGIBLE, Quantity.PRESENT, Quantity.TAKING_PART, Quantity.CAST_VALID})


class RuleError(InvalidError):
    code = "proposals.rule_malformed"
    title = "表决规则写得不对"
    detail = "表决规则有误：{problem}。请改正后再提交。"


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison `numerator / denominator  > or ≥  num / den` of one measure."""

    __test__ = False

    measure: Measure
    numerator: Quantity
    denominator: Quantity
    comparison: Comparison
    num: int
    den: int

    def __post_init__(self) -> None:
        if self.numerator not in NUMERATORS:
            raise RuleError(problem=f"“{self.numerator.value}”不能作分子")
        if self.denominator not in DENOMINATORS:
            raise RuleError(problem=f"“{self.denominator.value}”不能作分母")
        if self.den <= 0 or self.num < 0 or self.num > self.den:
            raise RuleError(problem=f"比例 {self.num}/{self.den} 不在 0 到 1 之间")

    @property
    def ratio(self) -> Ratio:
        """The share asked for."""
        return Ratio(self.num, self.den)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Met when every part is met."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Met when at least one part is met."""

    parts: tuple["Rule", ...]


Rule: TypeAlias = Test | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted, per measure. A measure or quantity that nobody recorded is absent, which is not the same as 0."""

    values: Mapping[tuple[Measure, Quantity], int] = field(default_factory=dict)

    def get(self, measure: Measure, quantity: Quantity) -> int | None:
        """Return the recorded figure, or None when it was never recorded."""
        return self.values.get((measure, quantity))

    def to_json(self) -> dict[str, dict[str, int]]:
        """Return the figures as `{measure: {quantity: value}}`, in a stable order."""
        out: dict[str, dict[str, int]] = {}
        for (measure, quantity), value in sorted(self.values.items()):
            out.setdefault(measure.value, {})[quantity.value] = value
        return out


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the derivation: what was needed, what there was, and whether it was enough.

    `need` is the smallest figure that would have met the test; None when the whole is empty or unrecorded.
    """

    measure: Measure
    numerator: Quantity
    denominator: Quantity
    comparison: Comparison
    ratio: Ratio
    whole: int | None
    need: int | None
    have: int | None
    is_met: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Branch:
    """The heading of an `all` or `any` group in the derivation."""

    kind: Literal["all", "any"]
    is_met: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Tie:
    """Instead of a rule: several options lead with the same votes, so that none can be put to it.

    `votes` are counted in `measure`; `area_cm2e2` is equal too where the rule counts area, and None where it does not.
    """

    leaders: tuple[str, ...]
    options: int
    measure: Measure
    votes: int
    area_cm2e2: int | None
    is_met: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Derivation:
    """Whether a rule is met, and every line that led there."""

    is_met: bool
    lines: tuple[Row | Branch | Tie, ...]


def evaluate(rule: Rule, figures: Figures, *, depth: int = 0) -> Derivation:
    """Decide a rule over the figures; every test is computed, so that the printed table is complete."""
    if isinstance(rule, Test):
        row = _evaluate_test(rule, figures, depth)
        return Derivation(row.is_met, (row,))
    parts = [evaluate(part, figures, depth=depth + 1) for part in rule.parts]
    is_all = isinstance(rule, AllOf)
    is_met = all(p.is_met for p in parts) if is_all else any(p.is_met for p in parts)
    heading = Branch("all" if is_all else "any", is_met, depth)
    return Derivation(is_met, (heading, *(line for part in parts for line in part.lines)))


def _evaluate_test(test: Test, figures: Figures, depth: int) -> Row:
    whole = figures.get(test.measure, test.denominator)
    have = figures.get(test.measure, test.numerator)
    need: int | None = None
    is_met = False
    if whole:
        need = (
            test.ratio.least_exceeding(whole) if test.comparison is Comparison.GT else test.ratio.least_reaching(whole)
        )
        is_met = have is not None and have >= need
    return Row(
        test.measure, test.numerator, test.denominator, test.comparison, test.ratio, whole, need, have, is_met, depth
    )


def measures_of(rule: Rule) -> frozenset[Measure]:
    """Return every measure the rule asks about."""
    if isinstance(rule, Test):
        return frozenset({rule.measure})
    return frozenset().union(*(measures_of(part) for part in rule.parts))


def asks_for(rule: Rule, quantity: Quantity) -> bool:
    """Tell whether the rule uses a quantity anywhere, for example presence, which must then be recorded."""
    if isinstance(rule, Test):
        return quantity in (rule.numerator, rule.denominator)
    return any(asks_for(part, quantity) for part in rule.parts)


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """Return the rule as plain JSON, the form in which it is stored, hashed and shown."""
    if isinstance(rule, Test):
        return {
            "measure": rule.measure.value,
            "numerator": rule.numerator.value,
            "denominator": rule.denominator.value,
            "comparison": rule.comparison.value,
            "num": rule.num,
            "den": rule.den,
        }
    key = "all" if isinstance(rule, AllOf) else "any"
    return {key: [rule_to_json(part) for part in rule.parts]}


def rule_from_json(value: object) -> Rule:
    """Read a rule that a person wrote.

    Errors: RuleError naming what is wrong; too deep, too many tests and unknown words included.
    """
    rule = _read(value, depth=0)
    if _count_tests(rule) > MAX_TESTS:
        raise RuleError(problem=f"条件超过 {MAX_TESTS} 个")
    return rule


def _read(value: object, *, depth: int) -> Rule:
    if depth > MAX_DEPTH:
        raise RuleError(problem=f"条件嵌套超过 {MAX_DEPTH} 层")
    if not isinstance(value, Mapping):
        raise RuleError(problem="每个条件应是一个对象")
    if set(value) in ({"all"}, {"any"}):
        (key, parts), *_ = value.items()
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
            raise RuleError(problem=f"“{key}”下面至少要有一个条件")
        read = tuple(_read(part, depth=depth + 1) for part in parts)
        return AllOf(read) if key == "all" else AnyOf(read)
    if set(value) != {"measure", "numerator", "denominator", "comparison", "num", "den"}:
        raise RuleError(problem="条件的字段不全或多余：" + "、".join(sorted(map(str, value))))
    num, den = value["num"], value["den"]
    if type(num) is not int or type(den) is not int:
        raise RuleError(problem="比例的分子分母应是整数")
    try:
        return Test(
            measure=Measure(value["measure"]),
            numerator=Quantity(value["numerator"]),
            denominator=Quantity(value["denominator"]),
            comparison=Comparison(value["comparison"]),
            num=num,
            den=den,
        )
    except ValueError as problem:
        raise RuleError(problem=f"不认识的词：{problem}") from None


def _count_tests(rule: Rule) -> int:
    return 1 if isinstance(rule, Test) else sum(_count_tests(part) for part in rule.parts)
