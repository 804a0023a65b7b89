"""计票: counting opened ballots by heads and area, deciding by the frozen rule, and saying why.

Weights come from the roll only (P2); what is counted is exactly what is in the log (P3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.proposals.ballots.domain import ABSTAIN
from services.proposals.ballots.merkle import content_hash
from services.proposals.rolls.domain import Unit
from services.proposals.rounds.derivation import derivation_rows, print_derivation
from services.proposals.rounds.domain import Method, Round
from services.proposals.rounds.quorum import Derivation, Figures, Measure, Quantity, Tie, evaluate, measures_of
from services.proposals.tallies.errors import BallotsDisagreeError

TAG_RESULT = "diyuan.result.v1"


@dataclass(frozen=True, slots=True)
class OpenedBallot:
    """A ballot after unsealing: which unit chose what."""

    unit_id: UUID
    choice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OptionCount:
    """What one option got. `heads` follows the owners' counting rule, `units` counts households."""

    code: str
    label: str
    units: int
    heads: int
    area_cm2e2: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result and its proof.

    `winner` is the option put to the rule: `yes`, or the one with most votes. None when several are level (`tied`): a tie
    decides nothing, and no order of a list breaks it.
    """

    winner: str | None
    tied: tuple[str, ...]
    is_held: bool
    is_decided: bool
    counts: tuple[OptionCount, ...]
    figures: Figures
    held: Derivation
    decided: Derivation

    @property
    def is_passed(self) -> bool:
        """Held and decided."""
        return self.is_held and self.is_decided

    @property
    def needs_runoff(self) -> bool:
        """Tell whether the options that are level are put again: enough took part, and somebody chose them."""
        return self.is_held and any(count.units for count in self.counts if count.code in self.tied)

    def table(self) -> dict[str, Any]:
        """Return the derivation as rows."""
        return {"held": derivation_rows(self.held), "decided": derivation_rows(self.decided)}

    def text(self) -> str:
        """Return the derivation as the text that is printed on the notice."""
        verdict = "通过" if self.is_passed else "没有通过"
        if self.needs_runoff:
            verdict = "平票，没有作出决定。下一步：在并列的选项之间再投一次"
        parts = [
            print_derivation("一、表决是否有效", self.held),
            print_derivation("二、是否达到同意的比例", self.decided),
            f"结果：{verdict}。",
        ]
        return "\n".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON, the form that is hashed and logged; `tied` is there only when options are level."""
        result: dict[str, Any] = {
            "winner": self.winner,
            "is_held": self.is_held,
            "is_decided": self.is_decided,
            "is_passed": self.is_passed,
            "counts": [
                {"code": c.code, "label": c.label, "units": c.units, "heads": c.heads, "area_cm2e2": c.area_cm2e2}
                for c in self.counts
            ],
            "figures": self.figures.to_json(),
        }
        return result | {"tied": list(self.tied)} if self.tied else result

    def result_hash(self) -> str:
        """Return the hash that stands on the notice."""
        return content_hash(TAG_RESULT, self.to_json())


def count(
    round_: Round, units: Sequence[Unit], ballots: Sequence[OpenedBallot], *, present: int | None, logged: int
) -> Outcome:
    """Count and decide.

    `present` is the number of units that checked in, None when nobody recorded it; `logged` the number of ballots in the log.

    Errors: BallotsDisagreeError when the box and the log differ, or a ballot is of a unit that is not on the roll.
    """
    by_id = {unit.unit_id: unit for unit in units}
    voters = [ballot.unit_id for ballot in ballots]
    if len(ballots) != logged or len(set(voters)) != len(voters) or not by_id.keys() >= set(voters):
        raise BallotsDisagreeError(logged=logged, counted=len(ballots))
    counts = tuple(_count_option(option.code, option.label, by_id, ballots) for option in round_.options)
    leaders = _leaders(round_, counts)
    winner = leaders[0] if len(leaders) == 1 else None
    figures = _figures(units, [by_id[v] for v in voters], winner, present)
    held = evaluate(round_.rule.held_when, figures)
    decided = _tie(round_, leaders) if winner is None else evaluate(round_.rule.decided_when, figures)
    tied = tuple(option.code for option in leaders) if winner is None else ()
    code = None if winner is None else winner.code
    return Outcome(code, tied, held.is_met, decided.is_met, counts, figures, held, decided)


def _count_option(code: str, label: str, by_id: Mapping[UUID, Unit], ballots: Sequence[OpenedBallot]) -> OptionCount:
    chosen = [by_id[ballot.unit_id] for ballot in ballots if code in ballot.choice]
    heads, area = sum(unit.heads for unit in chosen), sum(unit.area_cm2e2 for unit in chosen)
    return OptionCount(code, label, len(chosen), heads, area)


def _leaders(round_: Round, counts: Sequence[OptionCount]) -> list[OptionCount]:
    """Return the options with most votes in what the rule counts: households or heads, and area only where the rule asks for it."""
    if round_.method is Method.YES_NO_ABSTAIN:
        return [option for option in counts if option.code == "yes"]
    choices = [option for option in counts if option.code != ABSTAIN]
    most = max(_votes(round_, option) for option in choices)
    return [option for option in choices if _votes(round_, option) == most]


def _votes(round_: Round, option: OptionCount) -> tuple[int, int]:
    measures = measures_of(round_.rule.decided_when)
    votes = option.units if Measure.HOUSEHOLDS in measures else option.heads
    return votes, option.area_cm2e2 if Measure.AREA in measures else 0


def _tie(round_: Round, leaders: Sequence[OptionCount]) -> Derivation:
    measures = measures_of(round_.rule.decided_when)
    votes, area = _votes(round_, leaders[0])
    tie = Tie(
        leaders=tuple(option.label for option in leaders),
        options=len(round_.options) - 1,
        measure=Measure.HOUSEHOLDS if Measure.HOUSEHOLDS in measures else Measure.HEADS,
        votes=votes,
        area_cm2e2=area if Measure.AREA in measures else None,
    )
    return Derivation(tie.is_met, (tie,))


def _figures(units: Sequence[Unit], voted: Sequence[Unit], yes: OptionCount | None, present: int | None) -> Figures:
    def sums(of: Sequence[Unit]) -> dict[Measure, int]:
        heads = sum(unit.heads for unit in of)
        area = sum(unit.area_cm2e2 for unit in of)
        return {Measure.HEADS: heads, Measure.AREA: area, Measure.HOUSEHOLDS: len(of)}

    values: dict[tuple[Measure, Quantity], int] = {}
    for measure, value in sums(units).items():
        values[measure, Quantity.ELIGIBLE] = value
    for measure, value in sums(voted).items():
        for quantity in (Quantity.TAKING_PART, Quantity.CAST, Quantity.CAST_VALID):
            values[measure, quantity] = value
    if yes is not None:
        values[Measure.HEADS, Quantity.YES] = yes.heads
        values[Measure.AREA, Quantity.YES] = yes.area_cm2e2
        values[Measure.HOUSEHOLDS, Quantity.YES] = yes.units
    if present is not None:
        values[Measure.HOUSEHOLDS, Quantity.PRESENT] = present
    return Figures(values)
