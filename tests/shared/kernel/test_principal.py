"""Who may do what, and how far it reaches."""

from uuid import UUID

import pytest

from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, NoHouseholdError, Principal, Role, RoleGrant, ScopeKind

COMMUNITY, ACCOUNT, HOUSEHOLD = UUID(int=1), UUID(int=2), UUID(int=3)


def holding(*grants: RoleGrant, kind: AccountKind = AccountKind.STAFF, **rest: object) -> Principal:
    return Principal(account_id=ACCOUNT, kind=kind, community_id=COMMUNITY, roles=frozenset(grants), **rest)  # type: ignore[arg-type]  # the test names fields by keyword.


WHOLE = RoleGrant(Role.GRID_WORKER, ScopeKind.COMMUNITY, str(COMMUNITY))
GRID_3 = RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, "3")


@pytest.mark.parametrize(
    ("grant", "kind", "scope_id", "covers"),
    [
        (WHOLE, ScopeKind.GRID, "3", True),
        (WHOLE, ScopeKind.DEPARTMENT, "cleaning", True),
        (GRID_3, ScopeKind.GRID, "3", True),
        (GRID_3, ScopeKind.GRID, "4", False),
        (GRID_3, ScopeKind.BUILDING, "3", False),
        (GRID_3, ScopeKind.COMMUNITY, str(COMMUNITY), False),
    ],
)
def test_reach_of_a_grant(grant: RoleGrant, kind: ScopeKind, scope_id: str, covers: bool) -> None:
    assert grant.covers(kind, scope_id) is covers
    assert holding(grant).has_over([Role.GRID_WORKER], kind, scope_id) is covers
    assert not holding(grant).has_over([Role.ASSESSOR], kind, scope_id)


def test_require_names_the_roles_that_could() -> None:
    holding(GRID_3).require(Role.ASSESSOR, Role.GRID_WORKER)
    with pytest.raises(ForbiddenError) as refusal:
        holding(GRID_3).require(Role.SUPERVISOR, Role.ASSESSOR)
    assert refusal.value.facts == {"required_roles": ["assessor", "supervisor"]}


def test_household_is_required() -> None:
    assert holding(household_id=HOUSEHOLD).require_household() == HOUSEHOLD
    with pytest.raises(NoHouseholdError):
        holding().require_household()


@pytest.mark.parametrize(
    ("kind", "scopes", "passes"),
    [
        (AccountKind.RESIDENT, frozenset(), True),
        (AccountKind.CLIENT, frozenset({"points.read"}), True),
        (AccountKind.CLIENT, frozenset({"points.write"}), False),
        (AccountKind.CLIENT, frozenset(), False),
    ],
)
def test_scopes_bind_clients_only(kind: AccountKind, scopes: frozenset[str], passes: bool) -> None:
    caller = holding(kind=kind, scopes=scopes)
    if passes:
        caller.require_scope("points.read")
    else:
        with pytest.raises(ForbiddenError) as refusal:
            caller.require_scope("points.read")
        assert refusal.value.facts == {"required_scope": "points.read"}


GRID = ScopeKind.GRID


@pytest.mark.parametrize(
    ("held", "reach"),
    [
        ([], set()),
        ([(Role.GRID_WORKER, GRID, "g1"), (Role.GRID_WORKER, GRID, "g2")], {"g1", "g2"}),
        ([(Role.GRID_WORKER, GRID, "g1"), (Role.GRID_WORKER, ScopeKind.COMMUNITY, "c")], None),
        ([(Role.GRID_WORKER, ScopeKind.BUILDING, "b1"), (Role.SUPERVISOR, GRID, "g1")], set()),
    ],
)
def test_reach_of_a_role(held: list[tuple[Role, ScopeKind, str]], reach: set[str] | None) -> None:
    assert holding(*(RoleGrant(*one) for one in held)).reach_of(Role.GRID_WORKER, GRID) == reach
