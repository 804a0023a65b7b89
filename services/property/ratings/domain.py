"""Five axes, who may judge, and the three rates that are published from it with their denominators.

No answer is an answer of its own: a ticket that nobody rated is counted as unrated and never as satisfied (T4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.kernel.values import Ratio


class Axis(StrEnum):
    QUALITY = "quality"
    ATTITUDE = "attitude"
    CHARGES = "charges"
    SECURITY = "security"
    HYGIENE = "hygiene"


AXIS_NAMES: Mapping[Axis, str] = {
    Axis.QUALITY: "维修质量",
    Axis.ATTITUDE: "服务态度",
    Axis.CHARGES: "收费情况",
    Axis.SECURITY: "安全防护",
    Axis.HYGIENE: "清洁卫生",
}
LOWEST, HIGHEST = 1, 5
SATISFIED_FROM = Ratio(4, 1)
"""A rating is satisfied when the mean of its axes reaches this; policy of the model community."""


@dataclass(frozen=True, slots=True)
class Scores:
    """One resident's judgement, 1 to 5 on every axis.

    Errors: ValueError when a score is out of range.
    """

    quality: int
    attitude: int
    charges: int
    security: int
    hygiene: int

    def __post_init__(self) -> None:
        for axis, score in self.by_axis().items():
            if not LOWEST <= score <= HIGHEST:
                msg = f"{axis.value} must be {LOWEST} to {HIGHEST}, got {score}"
                raise ValueError(msg)

    def by_axis(self) -> dict[Axis, int]:
        """Return the scores by axis, in the order they are asked."""
        return {
            Axis.QUALITY: self.quality,
            Axis.ATTITUDE: self.attitude,
            Axis.CHARGES: self.charges,
            Axis.SECURITY: self.security,
            Axis.HYGIENE: self.hygiene,
        }

    def total(self) -> int:
        """Return the sum of the axes, 5 to 25."""
        return sum(self.by_axis().values())

    def is_satisfied(self, threshold: Ratio = SATISFIED_FROM) -> bool:
        """Tell whether the mean reaches the threshold, by cross-multiplication."""
        return threshold.is_reached_by(self.total(), len(Axis))


def may_judge(rater_household_id: UUID, worker_household_id: UUID | None) -> bool:
    """Tell whether the household has no interest of its own: nobody rates a worker of their household (T8)."""
    return worker_household_id is None or rater_household_id != worker_household_id


@dataclass(frozen=True, slots=True)
class Rate:
    """A published share: `part` of `n`, and how many tickets were left out of `n` and why they were."""

    part: int
    n: int
    left_out: int = 0

    @property
    def per_mille(self) -> int | None:
        """The share in whole per mille, rounded half up; None when there is nothing to divide by."""
        return None if self.n == 0 else (2_000 * self.part + self.n) // (2 * self.n)


def satisfaction(ratings: Iterable[Scores], unrated: int) -> Rate:
    """Return satisfied among the rated; the unrated stay outside the denominator and are named beside it."""
    judged = [scores.is_satisfied() for scores in ratings]
    return Rate(part=sum(judged), n=len(judged), left_out=unrated)
