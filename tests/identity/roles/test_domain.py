"""Roles: scope, period, separation of duties and who may give them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.identity.roles.domain import GRANTORS, SCOPES, Grant, decide_grant, require_grantor, revoke_grant
from services.identity.roles.errors import (
    RoleHeldError,
    RoleNotGrantableError,
    RolePeriodError,
    RoleScopeError,
    SeparationOfDutiesError,
)
from services.identity.roles.separation import SEPARATIONS, TOTP_ROLES, find_separation, needs_totp
from shared.kernel.principal import Role, ScopeKind

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ANNA, BERT = UUID(int=1), UUID(int=2)
COMMUNITY = str(UUID(int=9))


def held(
    role: Role, from_on: date = date(2026, 1, 1), until_on: date | None = None, scope_id: str = COMMUNITY
) -> Grant:
    kind = min(SCOPES[role])
    return Grant(UUID(int=5), ANNA, role, kind, scope_id, from_on, until_on, BERT, NOW)


def ask(role: Role, *already: Grant, scope_kind: ScopeKind | None = None, **changes: object) -> Grant:
    command = {
        "grant_id": UUID(int=6),
        "account_id": ANNA,
        "role": role,
        "scope_kind": scope_kind or min(SCOPES[role]),
        "scope_id": COMMUNITY,
        "from_on": date(2026, 3, 1),
        "until_on": None,
        "held": already,
        "granted_by": BERT,
        "now": NOW,
    }
    return decide_grant(**(command | changes))


@pytest.mark.parametrize(
    ("role", "scope_kind", "is_allowed"),
    [
        (Role.STOREKEEPER, ScopeKind.COMMUNITY, True),
        (Role.STOREKEEPER, ScopeKind.GRID, False),
        (Role.GRID_WORKER, ScopeKind.GRID, True),
        (Role.GRID_WORKER, ScopeKind.COMMUNITY, False),
        (Role.BUILDING_HEAD, ScopeKind.BUILDING, True),
        (Role.PROPERTY_WORKER, ScopeKind.DEPARTMENT, True),
        (Role.PROPERTY_WORKER, ScopeKind.COMMUNITY, False),
        (Role.REPRESENTATIVE, ScopeKind.BUILDING, True),
        (Role.RESIDENT, ScopeKind.COMMUNITY, False),
        (Role.HOUSEHOLDER, ScopeKind.COMMUNITY, False),
    ],
)
def test_each_role_has_its_reach(role: Role, scope_kind: ScopeKind, is_allowed: bool) -> None:
    if is_allowed:
        assert ask(role, scope_kind=scope_kind).reach.scope_kind is scope_kind
    else:
        with pytest.raises(RoleScopeError):
            ask(role, scope_kind=scope_kind)


def test_a_scope_has_to_be_named() -> None:
    with pytest.raises(RoleScopeError):
        ask(Role.GRID_WORKER, scope_id="")


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_both_ends_of_a_period_belong_to_it(day: date, counts: bool) -> None:
    assert held(Role.ASSESSOR, until_on=date(2026, 6, 30)).counts_on(day) is counts


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(RolePeriodError):
        ask(Role.ASSESSOR, until_on=date(2026, 2, 28))
    assert ask(Role.ASSESSOR, until_on=date(2026, 3, 1)).counts_on(date(2026, 3, 1))


@pytest.mark.parametrize(
    ("from_on", "until_on", "clashes"),
    [
        (date(2026, 1, 1), date(2026, 2, 28), False),
        (date(2026, 1, 1), date(2026, 3, 1), True),
        (date(2026, 5, 1), date(2026, 5, 1), True),
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),
    ],
)
def test_duties_are_separate_only_while_both_are_held(from_on: date, until_on: date | None, clashes: bool) -> None:
    keeper = held(Role.STOREKEEPER, from_on, until_on)
    if clashes:
        with pytest.raises(SeparationOfDutiesError) as refused:
            ask(Role.ASSESSOR, keeper, until_on=date(2026, 6, 30))
        assert refused.value.facts["held"] == "storekeeper"
        assert "评议" in refused.value.message
    else:
        assert ask(Role.ASSESSOR, keeper, until_on=date(2026, 6, 30)).role is Role.ASSESSOR


@pytest.mark.parametrize(
    ("one", "other", "are_separate"),
    [
        (Role.STOREKEEPER, Role.ASSESSOR, True),
        (Role.SUPERVISOR, Role.COMMITTEE_MEMBER, True),
        (Role.SUPERVISOR, Role.STOREKEEPER, True),
        (Role.SUPERVISOR, Role.PROPERTY_MANAGER, True),
        (Role.INSPECTOR, Role.PROPERTY_WORKER, True),
        (Role.COMMUNITY_ADMIN, Role.ASSESSOR, True),
        (Role.GRID_WORKER, Role.ASSESSOR, False),
        (Role.PARTY_MEMBER, Role.SUPERVISOR, False),
        (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER, False),
        (Role.GRID_WORKER, Role.PARTY_MEMBER, False),
    ],
)
def test_which_duties_are_separate_in_either_order(one: Role, other: Role, are_separate: bool) -> None:
    assert (find_separation([one], other) is not None) is are_separate
    assert (find_separation([other], one) is not None) is are_separate


def test_no_rule_forbids_a_role_with_itself() -> None:
    for separation in SEPARATIONS:
        assert not separation.one & separation.other


def test_the_same_role_twice_is_refused_and_another_scope_is_not() -> None:
    worker = held(Role.GRID_WORKER, scope_id="grid-1")
    with pytest.raises(RoleHeldError):
        ask(Role.GRID_WORKER, worker, scope_id="grid-1")
    assert ask(Role.GRID_WORKER, worker, scope_id="grid-2").scope_id == "grid-2"


def test_a_revoked_role_stands_in_nobodys_way() -> None:
    gone = revoke_grant(held(Role.STOREKEEPER), by=BERT, reason="换届", now=NOW)
    assert not gone.counts_on(date(2026, 3, 2))
    assert ask(Role.ASSESSOR, gone).role is Role.ASSESSOR
    assert ask(Role.STOREKEEPER, gone).role is Role.STOREKEEPER
    assert replace(gone, revoked_at=None).counts_on(date(2026, 3, 2))


@pytest.mark.parametrize("grantor", list(Role))
@pytest.mark.parametrize("role", list(Role))
def test_who_may_give_what(grantor: Role, role: Role) -> None:
    expected = {
        Role.COMMUNITY_ADMIN: set(Role)
        - {Role.RESIDENT, Role.HOUSEHOLDER, Role.COMMUNITY_ADMIN, Role.TOWNSHIP_OFFICER, Role.DISTRICT_OFFICER},
        Role.PROPERTY_MANAGER: {Role.PROPERTY_WORKER, Role.PROPERTY_AGENT, Role.DEPARTMENT_HEAD},
        Role.TOWNSHIP_OFFICER: {Role.COMMUNITY_ADMIN},
        Role.DISTRICT_OFFICER: {Role.COMMUNITY_ADMIN, Role.TOWNSHIP_OFFICER},
    }.get(grantor, set())
    if role in expected:
        require_grantor([grantor], role=role, grantor=BERT, account_id=ANNA)
    else:
        with pytest.raises(RoleNotGrantableError):
            require_grantor([grantor], role=role, grantor=BERT, account_id=ANNA)


def test_nobody_gives_himself_a_role() -> None:
    with pytest.raises(RoleNotGrantableError):
        require_grantor([Role.COMMUNITY_ADMIN], role=Role.GRID_WORKER, grantor=ANNA, account_id=ANNA)


def test_whoever_hands_out_roles_of_weight_needs_the_second_proof() -> None:
    assert set(GRANTORS) <= TOTP_ROLES
    assert needs_totp([Role.GRID_WORKER, Role.STOREKEEPER])
    assert not needs_totp([Role.GRID_WORKER, Role.PROPERTY_WORKER])
    assert not needs_totp([])
