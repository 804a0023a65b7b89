"""Totals of a period at every level, and the hash that freezes them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Level(StrEnum):
    """Whose totals: 户, 楼栋, 网格, 社区."""

    HOUSEHOLD = "household"
    BUILDING = "building"
    GRID = "grid"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class Span:
    """What an edition is drawn up for: a period, its days in China and its moments, and the edition that came before.

    Units/shapes: `begins_at` is in the span, `ends_at` no longer.
    """

    period_id: UUID
    name: str
    begins_on: date
    ends_on: date
    begins_at: datetime
    ends_at: datetime
    previous_period_id: UUID | None
    previous_edition: int | None


@dataclass(frozen=True, slots=True)
class Total:
    """What one subject had, earned, lost and has; `closing = opening + added - taken + corrected`.

    Units/shapes: points; `score_e2` is the change in standing for each household of the subject in hundredths of a point.
    """

    level: Level
    subject_id: UUID
    label: str
    householder_name: str
    grid_id: UUID | None
    grid_name: str
    building_id: UUID | None
    building_name: str
    households: int
    standing_opening: int
    standing_added: int
    standing_taken: int
    standing_corrected: int
    standing_closing: int
    spendable_opening: int
    spendable_added: int
    spendable_taken: int
    spendable_corrected: int
    spendable_closing: int
    claims: int
    deductions: int
    score_e2: int
    rank: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A transfer of this period that undoes one of an earlier period."""

    transfer_id: UUID
    household_id: UUID
    label: str
    asset: str
    amount: int
    summary: str
    corrected_at: datetime
    original_at: datetime
    original_summary: str


def root_of(period_id: UUID, previous_root: str | None, totals: Iterable[Total]) -> str:
    """Return the hash over an edition, in hex, so that anybody with the published lists can check the seal.

    `statement_root` in totals.sql builds the same text.
    """
    lines = [
        "|".join(
            str(part)
            for part in (
                total.level.value,
                total.subject_id,
                total.households,
                total.standing_opening,
                total.standing_added,
                total.standing_taken,
                total.standing_corrected,
                total.standing_closing,
                total.spendable_opening,
                total.spendable_added,
                total.spendable_taken,
                total.spendable_corrected,
                total.spendable_closing,
                total.claims,
                total.deductions,
            )
        )
        for total in sorted(totals, key=lambda t: (t.level.value, t.subject_id.bytes))
    ]
    text = f"{period_id}|{previous_root or '-'}\n" + "\n".join(lines)
    return hashlib.sha256(text.encode()).hexdigest()
