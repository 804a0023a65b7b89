"""Who steps aside for whom: a person who judges declares the households in which kin live."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.points.kinships.errors import KinshipNotFoundError, KinshipNotOwnError, OwnHouseholdError
from shared.kernel.principal import Principal, Role


@dataclass(frozen=True, slots=True)
class Kinship:
    """That `account_id` has kin in a household, from `declared_at` until it is ended."""

    id: UUID
    account_id: UUID
    household_id: UUID
    relation: str
    declared_by: UUID
    declared_at: datetime
    ended_at: datetime | None


def households_aside(principal: Principal, kin: frozenset[UUID]) -> frozenset[UUID]:
    """Return the households for which the caller judges nothing: the own one, and those in which `kin` live."""
    return kin if principal.household_id is None else kin | {principal.household_id}


def steps_aside(principal: Principal, kin: frozenset[UUID], *households: UUID | None) -> bool:
    """Tell whether the caller steps aside (回避) in a matter of these households; None is a matter of no household.

    Source: points.md I15 (approver ≠ applicant's household).
    """
    return not households_aside(principal, kin).isdisjoint(households)


def check_declaration(principal: Principal, account_id: UUID, household_id: UUID) -> None:
    """Pass when the caller may declare this: about oneself, or as a supervisor about anybody.

    Errors: ForbiddenError, OwnHouseholdError.
    """
    if account_id != principal.account_id:
        principal.require(Role.SUPERVISOR)
    elif household_id == principal.household_id:
        raise OwnHouseholdError


def check_ending(principal: Principal, kinship: Kinship) -> None:
    """Pass when the caller may end it: who declared it about oneself, or a supervisor who is not meant. For others it does not exist.

    Errors: KinshipNotFoundError; KinshipNotOwnError for who is meant by what a supervisor declared.
    """
    is_meant = kinship.account_id == principal.account_id
    if is_meant and kinship.declared_by != principal.account_id:
        raise KinshipNotOwnError
    if not is_meant and not principal.has(Role.SUPERVISOR):
        raise KinshipNotFoundError
