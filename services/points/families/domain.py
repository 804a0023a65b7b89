"""Two households become one, or one becomes two: what moves, and what must be settled first."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.points.families.errors import (
    FamilyRecusedError,
    OpenHoldsError,
    ReasonMissingError,
    SameHouseholdError,
    StandingMissingError,
)
from services.points.kinships.domain import steps_aside
from services.points.ledger.errors import HouseholdClosedError
from shared.kernel.principal import Principal

FORGOTTEN = "已注销"
"""What stands where the name of somebody stood whose account was deleted."""

LATE = "合户后才到账"
"""Why the clock moves what came to a file after its merger."""


@dataclass(frozen=True, slots=True)
class File:
    """A household's file as it stands when its row is locked."""

    household_id: UUID
    status: str
    merged_into_id: UUID | None
    standing: int
    opening_standing: int
    spendable: int
    base: int
    """What is left to spend of what the file was opened with."""
    held: int
    arrears: int


@dataclass(frozen=True, slots=True)
class Move:
    """What goes from one household to another; a negative standing goes the other way, arrears go as a debt, and `base` back to the community."""

    standing: int
    spendable: int
    arrears: int
    base: int = 0

    @property
    def is_felt(self) -> bool:
        """Whether the other household gains or loses by it."""
        return (self.standing, self.spendable, self.arrears) != (0, 0, 0)


def unspent_base(*, opening: int, given_back: int, lasting: int, lasting_spent: int) -> int:
    """Return what is left to spend of what a file was opened with.

    The base does not expire, so it lies among what lasts; of that it is spent first, whichever lot the books took.
    """
    return max(0, min(opening - given_back - lasting_spent, lasting))


def merge(file: File, into: File, reason: str) -> Move:
    """Decide what moves when `file` goes up in `into`.

    What a file was opened with belongs to the file, and does not move: two files had two bases, one file has one. Of standing the base
    stays where it is; what is unspent of the base in spendable points goes back to where it was issued from. Otherwise a household
    entered and merged, again and again, would bring another base each time. All else moves, debts too. What is held must be picked up
    or cancelled first. Merging again into the same household moves what came in late.

    Errors: ReasonMissingError, SameHouseholdError, HouseholdClosedError, OpenHoldsError.
    """
    _check(file, into, reason)
    if file.merged_into_id not in {None, into.household_id}:
        raise HouseholdClosedError
    if file.held:
        raise OpenHoldsError(held=file.held)
    return Move(
        standing=file.standing - file.opening_standing,
        spendable=file.spendable - file.base,
        arrears=file.arrears,
        base=file.base,
    )


def split(file: File, new: File, reason: str, *, standing: int, spendable: int) -> Move:
    """Decide what moves when part of `file` forms the household `new`: what the family agreed on.

    Errors: ReasonMissingError, SameHouseholdError, HouseholdClosedError, StandingMissingError. (Spendable points that are not there
    are refused by the ledger.)
    """
    _check(file, new, reason)
    if file.merged_into_id is not None:
        raise HouseholdClosedError
    if standing > file.standing:
        raise StandingMissingError(needed=standing, available=file.standing)
    return Move(standing=standing, spendable=spendable, arrears=0)


def check_hands(principal: Principal, households: Collection[UUID], kin: frozenset[UUID]) -> None:
    """Pass when the caller may move points between these households: none is the own one, nor one in which declared kin live.

    Errors: FamilyRecusedError.
    Source: points.md I15.
    """
    if steps_aside(principal, kin, *households):
        raise FamilyRecusedError


def _check(file: File, other: File, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError
    if file.household_id == other.household_id:
        raise SameHouseholdError
    if other.merged_into_id is not None:
        raise HouseholdClosedError
