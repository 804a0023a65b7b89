"""When care can be logged, who may inspect it, and what the rulebook pays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.points.adoptions.domain import AdopterKind, Adoption, Asset, AssetKind, AssetState, State
from services.points.claims.caps import Taken
from services.points.duties.domain import (
    CAP_REACHED,
    LIFE,
    NO_HOUSEHOLD,
    NO_RULE,
    Action,
    Actor,
    Pay,
    Result,
    acting_as,
    check_finding,
    check_loggable,
    find_item,
    judge,
    pay_for,
)
from services.points.duties.errors import (
    AdoptionNotActiveError,
    DutyAlreadyJudgedError,
    DutyDateError,
    InspectionReasonMissingError,
    InspectionRecusedError,
)
from services.points.rulebooks.domain import ItemGroup, Policy, RuleItem
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import Role, RoleGrant, ScopeKind
from shared.kernel.values import Points
from shared.testing.clients import People

TODAY = date(2026, 5, 11)
NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
PEOPLE = People(new_id())
NO_KIN: frozenset[UUID] = frozenset()
ITEM = RuleItem("adoption_care", "认领管护", ItemGroup.PLUS, Points(5), "月", 2, 60, 1)


def asset(**facts: object) -> Asset:
    one = Asset(
        id=new_id(),
        kind=AssetKind.TREE,
        name="香樟树",
        place="南门",
        grid_id=new_id(),
        latitude_e6=None,
        longitude_e6=None,
        picture_id=None,
        duty="浇水",
        duty_days=7,
        item_code="adoption_care",
        state=AssetState.OFFERED,
        created_at=NOW,
    )
    return replace(one, **facts)  # type: ignore[arg-type]  # the facts of one test.


def adoption(state: State = State.ACTIVE) -> Adoption:
    return Adoption(
        id=new_id(),
        asset_id=new_id(),
        asset_name="香樟树",
        adopter_kind=AdopterKind.HOUSEHOLD,
        adopter_name="王**家",
        account_id=new_id(),
        household_id=new_id(),
        resident_id=None,
        motive="",
        agreement="",
        plaque="",
        starts_on=TODAY - timedelta(days=3),
        ends_on=TODAY + timedelta(days=30),
        term=1,
        duty_days=7,
        state=state,
        deadline_at=None,
        duty_due_on=None,
        remind_at=None,
        reason="",
        created_at=NOW,
        ended_at=None,
    )


@pytest.mark.parametrize("state", State)
def test_only_what_is_in_force_is_cared_for(state: State) -> None:
    if state in {State.ACTIVE, State.RENEWING}:
        check_loggable(adoption(state), TODAY, TODAY)
    else:
        with pytest.raises(AdoptionNotActiveError):
            check_loggable(adoption(state), TODAY, TODAY)


@pytest.mark.parametrize(
    ("began", "days_ago", "is_fine"),
    [(30, 0, True), (30, 7, True), (30, 8, False), (30, -1, False), (3, 3, True), (3, 4, False)],
)
def test_the_days_that_can_be_logged(began: int, days_ago: int, is_fine: bool) -> None:
    one = replace(adoption(), starts_on=TODAY - timedelta(days=began))
    if is_fine:
        check_loggable(one, TODAY - timedelta(days=days_ago), TODAY)
    else:
        with pytest.raises(DutyDateError):
            check_loggable(one, TODAY - timedelta(days=days_ago), TODAY)


def test_who_may_inspect() -> None:
    one, tree = adoption(), asset()
    here = PEOPLE.staff()
    here = replace(here, roles=frozenset({RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, str(tree.grid_id))}))
    elsewhere = replace(here, roles=frozenset({RoleGrant(Role.GRID_WORKER, ScopeKind.GRID, str(new_id()))}))
    for good in (
        here,
        PEOPLE.staff(Role.GRID_WORKER),
        PEOPLE.staff(Role.COMMITTEE_MEMBER),
        PEOPLE.staff(Role.SUPERVISOR),
    ):
        assert acting_as(good, one, tree, NO_KIN) == {Actor.INSPECTOR}
        assert judge(Result.LOGGED, good, one, tree, NO_KIN, is_passed=True) is Result.PASSED
    assert judge(Result.LOGGED, elsewhere, one, asset(grid_id=None), NO_KIN, is_passed=False) is Result.FAILED
    for bad in (elsewhere, PEOPLE.resident(), PEOPLE.staff(Role.STOREKEEPER)):
        assert acting_as(bad, one, tree, NO_KIN) == set()
        with pytest.raises(ForbiddenError):
            judge(Result.LOGGED, bad, one, tree, NO_KIN, is_passed=True)
    for concerned in (replace(here, household_id=one.household_id), replace(here, account_id=one.account_id)):
        assert acting_as(concerned, one, tree, NO_KIN) == set()
        with pytest.raises(InspectionRecusedError):
            judge(Result.LOGGED, concerned, one, tree, NO_KIN, is_passed=True)
    assert one.household_id is not None
    kin = frozenset({one.household_id})
    assert acting_as(here, one, tree, kin) == set()
    with pytest.raises(InspectionRecusedError):
        judge(Result.LOGGED, here, one, tree, kin, is_passed=True)


@pytest.mark.parametrize("is_passed", [True, False])
@pytest.mark.parametrize("result", Result)
def test_a_day_is_judged_once(result: Result, is_passed: bool) -> None:
    inspector, one, tree = PEOPLE.staff(Role.SUPERVISOR), adoption(), asset()
    if result is Result.LOGGED:
        assert LIFE.actions(result, frozenset({Actor.INSPECTOR})) == [Action.PASS, Action.FAIL]
        assert (
            judge(result, inspector, one, tree, NO_KIN, is_passed=is_passed)
            is LIFE.transitions[result, Action.PASS if is_passed else Action.FAIL]
        )
    else:
        assert LIFE.is_final(result)
        with pytest.raises(DutyAlreadyJudgedError):
            judge(result, inspector, one, tree, NO_KIN, is_passed=is_passed)


def test_a_failed_inspection_says_why() -> None:
    check_finding(is_passed=True, finding="")
    check_finding(is_passed=False, finding="有垃圾")
    with pytest.raises(InspectionReasonMissingError):
        check_finding(is_passed=False, finding="")


def test_the_item_is_looked_up_among_what_earns() -> None:
    fine = replace(ITEM, code="fine", group=ItemGroup.MINUS)
    assert find_item([fine, ITEM], "adoption_care") is ITEM
    assert find_item([fine, ITEM], "fine") is None
    assert find_item([fine, ITEM], "") is None


SHARED = replace(ITEM, community_cap_count=3)


@pytest.mark.parametrize(
    ("has_household", "item", "days_ago", "others_days_ago", "pay"),
    [
        (True, ITEM, [], [], Pay(Points(5), "")),
        (True, ITEM, [1], [], Pay(Points(5), "")),
        (True, ITEM, [1, 2], [], CAP_REACHED),
        (True, ITEM, [1, 60], [], Pay(Points(5), "")),
        (True, ITEM, [1, 59], [], CAP_REACHED),
        (True, SHARED, [], [1, 2], Pay(Points(5), "")),
        (True, SHARED, [], [1, 2, 3], CAP_REACHED),
        (True, None, [], [], NO_RULE),
        (False, ITEM, [], [], NO_HOUSEHOLD),
    ],
)
def test_what_a_day_of_care_is_worth(
    has_household: bool, item: RuleItem | None, days_ago: list[int], others_days_ago: list[int], pay: Pay
) -> None:
    own = {TODAY - timedelta(days=days): 1 for days in days_ago}
    everybody = {TODAY - timedelta(days=days): 1 for days in others_days_ago}
    taken = Taken(own, everybody)
    assert pay_for(new_id() if has_household else None, item, TODAY, taken, None if item is None else Policy()) == pay


@pytest.mark.parametrize(("earned", "pay"), [(15, Pay(Points(5), "")), (16, CAP_REACHED)])
def test_care_counts_under_what_a_household_may_earn_in_all(earned: int, pay: Pay) -> None:
    taken = Taken(earned={TODAY - timedelta(days=3): earned})
    assert pay_for(new_id(), ITEM, TODAY, taken, Policy(household_cap_points=20)) == pay
