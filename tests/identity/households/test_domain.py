from uuid import UUID

import pytest

from services.identity.households.domain import SEES_EVERYTHING, Reach, reach_of
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind

COMMUNITY, HOME, GRID, BUILDING, ACCOUNT = (UUID(int=n) for n in range(1, 6))


def somebody(
    *grants: RoleGrant, household_id: UUID | None = None, kind: AccountKind = AccountKind.STAFF, scopes=()
) -> Principal:
    return Principal(
        ACCOUNT, kind, COMMUNITY, household_id=household_id, roles=frozenset(grants), scopes=frozenset(scopes)
    )


def grant(role: Role, kind: ScopeKind = ScopeKind.COMMUNITY, scope_id: UUID = COMMUNITY) -> RoleGrant:
    return RoleGrant(role, kind, str(scope_id))


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_every_household(role):
    everything = {*SEES_EVERYTHING, Role.GRID_WORKER, Role.BUILDING_HEAD}
    assert reach_of(somebody(grant(role))).is_everything is (role in everything)


def test_a_resident_reaches_the_own_household():
    assert reach_of(somebody(grant(Role.RESIDENT), household_id=HOME)) == Reach(household_ids=frozenset({HOME}))


def test_a_grid_worker_reaches_the_grid_and_the_own_household():
    reach = reach_of(somebody(grant(Role.GRID_WORKER, ScopeKind.GRID, GRID), household_id=HOME))
    assert reach == Reach(household_ids=frozenset({HOME}), grid_ids=frozenset({GRID}))


def test_a_building_head_reaches_the_building():
    assert reach_of(somebody(grant(Role.BUILDING_HEAD, ScopeKind.BUILDING, BUILDING))).building_ids == {BUILDING}


def test_a_worker_of_the_property_company_reaches_nobody():
    assert reach_of(somebody(RoleGrant(Role.PROPERTY_WORKER, ScopeKind.DEPARTMENT, "cleaning"))) == Reach()


@pytest.mark.parametrize(("scopes", "everything"), [(["identity:read"], True), (["points:read"], False), ([], False)])
def test_a_client_reaches_by_scope(scopes, everything):
    assert reach_of(somebody(kind=AccountKind.CLIENT, scopes=scopes)) == Reach(is_everything=everything)
