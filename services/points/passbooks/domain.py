"""时间存折: what a person may do with minutes, and how a quarter reads."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from uuid import UUID

from services.points.help_policies.domain import TimePolicy
from services.points.kinships.domain import steps_aside
from services.points.passbooks.errors import (
    ExchangeClosedError,
    ExchangeLimitError,
    ExchangeUnevenError,
    GiftOutsideFamilyError,
    GiftToSelfError,
    GrantToOwnHouseholdError,
    QuarterInvalidError,
    ResidentNeededError,
)
from shared.kernel.clock import CHINA, local_date
from shared.kernel.principal import Principal
from shared.kernel.values import Minutes, Points

QUARTER = re.compile(r"(20[0-9]{2})Q([1-4])")


class MoveKind(StrEnum):
    """What minutes did besides paying for help: given in the family, given to the pool, granted, issued to it, exchanged."""

    GIFT = "gift"
    DONATION = "donation"
    GRANT = "grant"
    ISSUE = "issue"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Member:
    """What points knows of a person, learnt from identity's facts; the name is masked."""

    resident_id: UUID
    household_id: UUID
    name: str
    is_present: bool


@dataclass(frozen=True, slots=True)
class Move:
    """One of those moves; `points` is what an exchange brought."""

    id: UUID
    kind: MoveKind
    minutes: Minutes
    points: Points
    from_resident_id: UUID | None
    to_resident_id: UUID | None
    reason: str
    account_id: UUID
    made_at: datetime
    decision_id: UUID | None = None
    """Of minutes issued to the pool: the proposal whose published decision allows it."""
    minutes_asset_id: UUID | None = None
    """Or the minutes of the meeting that does."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a passbook."""

    id: UUID
    created_at: datetime
    kind: str
    summary: str
    minutes: int
    balance_after: int


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter in China."""

    year: int
    number: int

    @property
    def begins_at(self) -> datetime:
        """The first moment of it, UTC."""
        return _midnight(date(self.year, 3 * self.number - 2, 1))

    @property
    def ends_at(self) -> datetime:
        """The first moment after it, UTC."""
        following = date(self.year + 1, 1, 1) if self.number == 4 else date(self.year, 3 * self.number + 1, 1)
        return _midnight(following)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


@dataclass(frozen=True, slots=True)
class PassbookStatement:
    """A person's quarter: what was there, what came and went, what is left."""

    resident_id: UUID
    name: str
    quarter: Quarter
    opening: int
    earned: int
    spent: int
    closing: int
    lines: tuple[Line, ...]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def quarter_of(moment: datetime) -> Quarter:
    """Return the quarter a moment lies in, as a resident's calendar has it."""
    day = local_date(moment)
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str) -> Quarter:
    """Read `2026Q2`.

    Errors: QuarterInvalidError.
    """
    found = QUARTER.fullmatch(text)
    if found is None:
        raise QuarterInvalidError
    return Quarter(int(found[1]), int(found[2]))


def require_resident(principal: Principal) -> tuple[UUID, UUID]:
    """Return the caller's resident and household: minutes belong to a person, not to a household.

    Errors: ResidentNeededError.
    """
    if principal.resident_id is None or principal.household_id is None:
        raise ResidentNeededError
    return principal.resident_id, principal.household_id


def check_gift(giver: UUID, household_id: UUID, receiver: Member) -> None:
    """Pass when minutes may be given: to another member of the same household who still lives there.

    Errors: GiftToSelfError, GiftOutsideFamilyError.
    """
    if receiver.resident_id == giver:
        raise GiftToSelfError
    if receiver.household_id != household_id or not receiver.is_present:
        raise GiftOutsideFamilyError


def check_grant(principal: Principal, receiver: Member, kin: frozenset[UUID]) -> None:
    """Pass when an official may grant minutes to a person: never in the own household, nor in one in which `kin` live.

    Errors: GrantToOwnHouseholdError.
    """
    if steps_aside(principal, kin, receiver.household_id):
        raise GrantToOwnHouseholdError


def exchange(policy: TimePolicy, minutes: int, exchanged: int) -> Points:
    """Return the points that minutes buy; `exchanged` were exchanged in this quarter before.

    Errors: ExchangeClosedError where the community allows none, ExchangeUnevenError, ExchangeLimitError.
    """
    if policy.minutes_per_point is None:
        raise ExchangeClosedError
    points, rest = divmod(minutes, policy.minutes_per_point)
    if rest:
        raise ExchangeUnevenError(minutes=policy.minutes_per_point)
    if exchanged + minutes > policy.most_exchanged_minutes:
        raise ExchangeLimitError(most=policy.most_exchanged_minutes, exchanged=exchanged)
    return Points(points)


def statement_of(member: Member, quarter: Quarter, opening: int, lines: tuple[Line, ...]) -> PassbookStatement:
    """Sum a quarter up; `lines` are all lines in it, oldest first."""
    return PassbookStatement(
        resident_id=member.resident_id,
        name=member.name,
        quarter=quarter,
        opening=opening,
        earned=sum(line.minutes for line in lines if line.minutes > 0),
        spent=-sum(line.minutes for line in lines if line.minutes < 0),
        closing=opening + sum(line.minutes for line in lines),
        lines=lines,
    )
