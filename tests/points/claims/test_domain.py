"""The life of a claim, every state against every action; who steps aside; caps; and the counting of the panel."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.claims.caps import fits, most_in_window
from services.points.claims.columns import HEADER, line_of
from services.points.claims.domain import (
    LIFE,
    Action,
    Actor,
    Claim,
    PanelVote,
    State,
    allowed_actions,
    appeal_ends_at,
    check_new,
    claimant_of,
    count_panel,
    decide,
)
from services.points.claims.entering import Entry, Place, check_resubmission, write
from services.points.claims.errors import (
    ClerkError,
    HappenedOnInvalidError,
    ItemNotClaimableError,
    ItemNotFoundError,
    PhotosMissingError,
    QuantityTooLargeError,
    ReasonMissingError,
    RecusedError,
    ResubmissionError,
)
from services.points.rulebooks.domain import (
    DEFAULT_CLAIMANTS,
    Claimant,
    ItemGroup,
    Policy,
    RulebookVersion,
    RuleItem,
    Verifier,
)
from shared.ids import new_id
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.kernel.state_machine import WrongStateError
from shared.kernel.values import Points

TODAY = date(2026, 5, 11)
NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
COMMUNITY, GRID, BUILDING, HOME = (UUID(int=n) for n in (1, 2, 3, 4))
NONE: frozenset[UUID] = frozenset()

OUTCOMES = {
    (State.DRAFT, Action.CHANGE): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Action.VERIFY): State.VERIFIED,
    (State.SUBMITTED, Action.REFUSE): State.REJECTED,
    (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.VERIFIED, Action.APPROVE): State.VOTED,
    (State.VERIFIED, Action.REJECT): State.REJECTED,
    (State.VERIFIED, Action.WITHDRAW): State.WITHDRAWN,
    (State.VOTED, Action.PUBLICISE): State.PUBLICISED,
    (State.VOTED, Action.UPHOLD): State.REJECTED,
    (State.PUBLICISED, Action.OBJECT): State.VOTED,
    (State.PUBLICISED, Action.POST): State.POSTED,
    (State.POSTED, Action.APPEAL): State.POSTED,
    (State.POSTED, Action.REVERSE): State.REVERSED,
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_action(state: State, action: Action) -> None:
    expected = OUTCOMES.get((state, action))
    if expected is None:
        with pytest.raises(WrongStateError):
            LIFE.perform(state, action, frozenset(Actor))
    else:
        assert LIFE.perform(state, action, frozenset(Actor)) is expected


@pytest.mark.parametrize(
    ("votes", "decision"),
    [
        ("", None),
        ("++", None),
        ("--", None),
        ("+++", Action.APPROVE),
        ("++-", Action.APPROVE),
        ("+--", Action.REJECT),
        ("---", Action.REJECT),
        ("++--", Action.REJECT),
        ("+++--", Action.APPROVE),
    ],
)
def test_more_than_half_of_at_least_three_votes(votes: str, decision: Action | None) -> None:
    assert count_panel([PanelVote(new_id(), vote == "+", "", NOW) for vote in votes], 3) is decision


def item(group: ItemGroup = ItemGroup.PLUS, **change: object) -> RuleItem:
    plain = RuleItem(
        "sweep",
        "清扫楼道",
        group,
        Points(5),
        "次",
        cap_count=4,
        cap_days=60,
        photos_required=1,
        max_quantity=2,
        claimants=DEFAULT_CLAIMANTS[group],
    )
    return replace(plain, **change)  # type: ignore[arg-type]  # the table below names fields and values.


OWN = frozenset({Claimant.HOUSEHOLD})
WORKER = frozenset({Claimant.GRID_WORKER})


@pytest.mark.parametrize("days_ago", [0, 1, 60])
def test_a_recent_deed_may_be_claimed(days_ago: int) -> None:
    check_new(item(), OWN, TODAY - timedelta(days=days_ago), 2, 1, TODAY)


@pytest.mark.parametrize("days_ago", [-1, 61, 4000])
def test_the_future_and_the_far_past_may_not(days_ago: int) -> None:
    with pytest.raises(HappenedOnInvalidError):
        check_new(item(), OWN, TODAY - timedelta(days=days_ago), 1, 1, TODAY)


@pytest.mark.parametrize(
    ("group", "claimants", "is_allowed"),
    [
        (ItemGroup.PLUS, OWN, True),
        (ItemGroup.PLUS, WORKER, True),
        (ItemGroup.MINUS, OWN, False),
        (ItemGroup.MINUS, WORKER, True),
        (ItemGroup.PANEL, OWN, False),
        (ItemGroup.PANEL, WORKER, False),
        (ItemGroup.PANEL, frozenset({Claimant.ASSESSOR}), True),
    ],
)
def test_who_may_enter_which_group(group: ItemGroup, claimants: frozenset[Claimant], is_allowed: bool) -> None:
    if is_allowed:
        check_new(item(group), claimants, TODAY, 1, 1, TODAY)
    else:
        with pytest.raises(ItemNotClaimableError):
            check_new(item(group), claimants, TODAY, 1, 1, TODAY)


def test_photos_are_asked_of_households_and_not_of_those_who_saw_it() -> None:
    check_new(item(), WORKER, TODAY, 1, 0, TODAY)
    with pytest.raises(PhotosMissingError):
        check_new(item(), OWN, TODAY, 1, 0, TODAY)


def test_a_claim_names_no_more_than_the_item_allows() -> None:
    with pytest.raises(QuantityTooLargeError):
        check_new(item(), OWN, TODAY, 3, 1, TODAY)


@pytest.mark.parametrize(
    ("taken", "on", "most"),
    [
        ([], 0, 0),
        ([(0, 1)], 0, 1),
        ([(-9, 1), (9, 1)], 0, 1),
        ([(-5, 1), (4, 2)], 0, 3),
        ([(-5, 1), (5, 2)], 0, 2),
        ([(-9, 4), (-1, 1), (3, 2)], 0, 5),
        ([(-10, 9), (10, 9)], 0, 0),
    ],
)
def test_the_fullest_window_of_ten_days(taken: list[tuple[int, int]], on: int, most: int) -> None:
    per_day = {TODAY + timedelta(days=day): amount for day, amount in taken}

    assert most_in_window(per_day, TODAY + timedelta(days=on), 10) == most


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), max_size=40), st.integers(1, 15), st.integers(1, 6))
def test_no_window_ever_exceeds_its_cap(wanted: list[tuple[int, int]], days: int, cap: int) -> None:
    taken: dict[date, int] = {}
    for day, amount in wanted:
        on = TODAY + timedelta(days=day)
        if fits(taken, on, amount, cap=cap, days=days):
            taken[on] = taken.get(on, 0) + amount

    for start in range(-15, 60):
        first = TODAY + timedelta(days=start)
        assert sum(n for on, n in taken.items() if first <= on < first + timedelta(days=days)) <= cap


def principal(
    *roles: Role, household: UUID | None = None, account: UUID | None = None, grid: UUID | None = None
) -> Principal:
    scope = (ScopeKind.COMMUNITY, str(COMMUNITY)) if grid is None else (ScopeKind.GRID, str(grid))
    grants = frozenset(RoleGrant(role, *scope) for role in roles)
    return Principal(account or new_id(), AccountKind.STAFF, COMMUNITY, household_id=household, roles=grants)


RULES = RulebookVersion(
    version=1,
    decision="居民代表会议",
    decision_id=None,
    minutes_asset_id=None,
    effective_on=TODAY,
    adopted_at=NOW,
    policy=Policy(),
    items=[item(), item(ItemGroup.MINUS, code="parking", name="乱停车")],
)


def entry(code: str = "sweep", quantity: int = 1) -> Entry:
    return Entry(HOME, code, TODAY, quantity, "3栋", "")


def claim(
    code: str = "sweep", state: State = State.SUBMITTED, *, by: Principal, claimants: frozenset[Claimant] = OWN
) -> Claim:
    written = write(
        entry(code, 2), Place(GRID, BUILDING), RULES, claimants, claim_id=new_id(), account_id=by.account_id, now=NOW
    )
    return replace(written, state=state)


def test_a_claim_is_worth_its_units_and_a_deduction_issues_nothing() -> None:
    resident = principal(household=HOME)
    assert (claim(by=resident).points, claim(by=resident).issued) == (10, 10)
    assert (claim("parking", by=resident).points, claim("parking", by=resident).issued) == (10, 0)
    assert line_of(claim("parking", by=resident), "QLQ-0001")[4] == -10
    assert len(line_of(claim(by=resident), "QLQ-0001")) == len(HEADER)
    with pytest.raises(ItemNotFoundError):
        claim("unknown", by=resident)


@pytest.mark.parametrize(
    ("who", "claimants"),
    [
        (principal(household=HOME), OWN),
        (principal(Role.ASSESSOR, household=HOME), OWN),
        (principal(Role.GRID_WORKER, grid=GRID), WORKER),
        (principal(Role.GRID_WORKER, Role.ASSESSOR), frozenset({Claimant.GRID_WORKER, Claimant.ASSESSOR})),
        (principal(Role.GRID_WORKER, grid=BUILDING), None),
        (principal(household=UUID(int=9)), None),
        (principal(Role.SUPERVISOR), None),
    ],
)
def test_who_may_enter_for_a_household(who: Principal, claimants: frozenset[Claimant] | None) -> None:
    if claimants is None:
        with pytest.raises(ForbiddenError):
            claimant_of(who, HOME, GRID)
    else:
        assert claimant_of(who, HOME, GRID) == claimants


def test_nobody_judges_the_own_home_kin_or_the_own_entry() -> None:
    resident = principal(household=HOME)
    own = principal(Role.GRID_WORKER, household=HOME)
    with pytest.raises(RecusedError):
        decide(claim(by=resident), Action.VERIFY, own, NONE, "")
    relative = principal(Role.ASSESSOR)
    with pytest.raises(RecusedError):
        decide(claim(state=State.VERIFIED, by=resident), Action.APPROVE, relative, frozenset({HOME}), "")
    clerk = principal(Role.GRID_WORKER, Role.ASSESSOR)
    entered = claim(by=clerk, claimants=WORKER)
    with pytest.raises(ClerkError):
        decide(entered, Action.VERIFY, clerk, NONE, "")
    assert allowed_actions(entered, clerk, NONE) == [Action.WITHDRAW]
    assert allowed_actions(claim(by=resident), own, NONE) == [Action.WITHDRAW]


def test_what_a_grid_worker_entered_an_assessor_may_verify() -> None:
    worker, assessor = principal(Role.GRID_WORKER, grid=GRID), principal(Role.ASSESSOR)
    assert decide(claim(by=worker, claimants=WORKER), Action.VERIFY, assessor, NONE, "") is State.VERIFIED
    with pytest.raises(ForbiddenError):
        decide(claim(by=principal(household=HOME)), Action.VERIFY, assessor, NONE, "")


def test_the_item_says_who_verifies() -> None:
    claimed = replace(claim(by=principal(household=HOME)), verifier=Verifier.BUILDING_HEAD)
    grant = RoleGrant(Role.BUILDING_HEAD, ScopeKind.BUILDING, str(BUILDING))
    head = Principal(new_id(), AccountKind.RESIDENT, COMMUNITY, household_id=UUID(int=7), roles=frozenset({grant}))
    assert decide(claimed, Action.VERIFY, head, NONE, "") is State.VERIFIED
    with pytest.raises(ForbiddenError):
        decide(claimed, Action.VERIFY, principal(Role.GRID_WORKER, grid=GRID), NONE, "")


@pytest.mark.parametrize("action", [Action.OBJECT, Action.APPEAL])
def test_a_household_contradicts_a_deduction_and_not_what_it_earns(action: Action) -> None:
    state = State.PUBLICISED if action is Action.OBJECT else State.POSTED
    home, clerk = principal(household=HOME), principal(Role.GRID_WORKER)
    deduction = claim("parking", state, by=clerk, claimants=WORKER)
    assert decide(deduction, action, home, NONE, "不是我家的车") in {State.VOTED, State.POSTED}
    with pytest.raises(ReasonMissingError):
        decide(deduction, action, home, NONE, " ")
    with pytest.raises(ForbiddenError):
        decide(claim("sweep", state, by=home), action, home, NONE, "不对")


def test_a_household_cannot_take_a_deduction_back() -> None:
    home, clerk = principal(household=HOME), principal(Role.GRID_WORKER)
    deduction = claim("parking", by=clerk, claimants=WORKER)
    with pytest.raises(ForbiddenError):
        decide(deduction, Action.WITHDRAW, home, NONE, "")
    assert decide(deduction, Action.WITHDRAW, clerk, NONE, "") is State.WITHDRAWN


def test_only_a_refused_claim_of_the_same_thing_is_made_good() -> None:
    refused = claim(state=State.REJECTED, by=principal(household=HOME))
    check_resubmission(refused, entry())
    for wrong in (None, replace(refused, state=State.POSTED), replace(refused, household_id=GRID)):
        with pytest.raises(ResubmissionError):
            check_resubmission(wrong, entry())
    with pytest.raises(ResubmissionError):
        check_resubmission(refused, entry("parking"))


def test_an_appeal_has_its_days() -> None:
    claimed = claim(state=State.POSTED, by=principal(household=HOME))
    assert appeal_ends_at(claimed) is None
    assert appeal_ends_at(replace(claimed, posted_at=NOW)) == NOW + timedelta(days=30)
