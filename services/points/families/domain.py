"""Two households become one, or one becomes two: what moves, and what must be settled first."""

from dataclasses import dataclass
from uuid import UUID

from services.points.families.errors import (
    OpenHoldsError,
    ReasonMissingError,
    SameHouseholdError,
    StandingMissingError,
)
from services.points.ledger.errors import HouseholdClosedError

FORGOTTEN = "已注销"
"""What stands where the name of somebody stood whose account was deleted."""


@dataclass(frozen=True, slots=True)
class File:
    """A household's file as it stands when its row is locked."""

    household_id: UUID
    status: str
    merged_into_id: UUID | None
    standing: int
    opening_standing: int
    spendable: int
    held: int
    arrears: int


@dataclass(frozen=True, slots=True)
class Move:
    """What goes from one household to another; a negative standing goes the other way, and arrears go as a debt."""

    standing: int
    spendable: int
    arrears: int


def merge(file: File, into: File, reason: str) -> Move:
    """Decide what moves when `file` goes up in `into`.

    All spendable points move, and all standing but the base that each household once started with, which stays where it is: two files
    had two bases, one file has one. Debts move too. What is held must be picked up or cancelled first. Merging again into the same
    household moves what came in late.

    Errors: ReasonMissingError, SameHouseholdError, HouseholdClosedError, OpenHoldsError.
    """
    _check(file, into, reason)
    if file.merged_into_id not in {None, into.household_id}:
        raise HouseholdClosedError
    if file.held:
        raise OpenHoldsError(held=file.held)
    return Move(standing=file.standing - file.opening_standing, spendable=file.spendable, arrears=file.arrears)


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


def _check(file: File, other: File, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError
    if file.household_id == other.household_id:
        raise SameHouseholdError
    if other.merged_into_id is not None:
        raise HouseholdClosedError
