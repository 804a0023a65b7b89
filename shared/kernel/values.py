"""Quantities in their smallest unit and exact fractions of them; no float comes near a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType

Points = NewType("Points", int)
"""积分, whole points."""
Fen = NewType("Fen", int)
"""Money in fen, 1/100 yuan."""
Area = NewType("Area", int)
"""Floor area in 0.01 m²."""
Minutes = NewType("Minutes", int)
"""Volunteer time in minutes."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact fraction `num / den`, compared by cross-multiplication.

    Errors: ValueError when `den` is not positive or `num` is negative.
    """

    num: int
    den: int

    def __post_init__(self) -> None:
        if self.den <= 0 or self.num < 0:
            msg = f"a ratio needs num >= 0 and den > 0, got {self.num}/{self.den}"
            raise ValueError(msg)

    def is_reached_by(self, part: int, whole: int) -> bool:
        """Tell whether part/whole >= self (以上: the number itself is included). An empty whole reaches nothing."""
        return whole > 0 and part * self.den >= self.num * whole

    def is_exceeded_by(self, part: int, whole: int) -> bool:
        """Tell whether part/whole > self (过: the number itself is not enough). An empty whole exceeds nothing."""
        return whole > 0 and part * self.den > self.num * whole

    def least_reaching(self, whole: int) -> int:
        """Return the smallest part with part/whole >= self."""
        return -(-self.num * whole // self.den)

    def least_exceeding(self, whole: int) -> int:
        """Return the smallest part with part/whole > self."""
        return self.num * whole // self.den + 1

    def of(self, amount: int) -> int:
        """Return this share of an amount, rounded down: a community never pays a fraction it does not have."""
        return amount * self.num // self.den

    def __str__(self) -> str:
        return f"{self.num}/{self.den}"


def split_by_weights(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` by largest remainder; the parts add up to `total` exactly.

    Equal remainders go to the earlier position, so the same input always gives the same shares.

    Errors: ValueError when a weight is negative or all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        msg = "weights must not be negative and not all zero"
        raise ValueError(msg)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
