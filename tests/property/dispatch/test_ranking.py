"""Ranking: the hard filter, the integer cost, and that both can be explained."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.property.dispatch.ranking import (
    OBSTACLE_NAMES,
    TERM_NAMES,
    Job,
    Obstacle,
    Skill,
    Term,
    Weights,
    Worker,
    rank,
)

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
GRID, OTHER_GRID, BUILDING, HOUSEHOLD = (UUID(int=n) for n in range(1, 5))
JOB = Job(
    department="engineering",
    household_id=HOUSEHOLD,
    expected_minutes=30,
    minutes_left=240,
    skill="electrician",
    grid_id=GRID,
    building_id=BUILDING,
)
ELECTRICIAN = Skill("electrician", NOW + timedelta(days=1))


def worker(number: int = 100, **over: Any) -> Worker:
    facts = {"id": UUID(int=number), "name": f"师傅{number}", "department": "engineering", "skills": (ELECTRICIAN,)}
    return Worker(**(facts | over))


@pytest.mark.parametrize(
    ("over", "obstacle"),
    [
        ({"is_active": False}, Obstacle.INACTIVE),
        ({"department": "cleaning"}, Obstacle.OTHER_DEPARTMENT),
        ({"skills": ()}, Obstacle.LACKS_SKILL),
        ({"skills": (Skill("electrician", NOW),)}, Obstacle.CERTIFICATE_EXPIRED),
        ({"grid_ids": frozenset({OTHER_GRID})}, Obstacle.OTHER_AREA),
        ({"is_on_shift": False}, Obstacle.OFF_SHIFT),
        ({"is_on_leave": True}, Obstacle.ON_LEAVE),
        ({"household_id": HOUSEHOLD}, Obstacle.OWN_HOUSEHOLD),
        ({"is_on_call_reserve": True}, Obstacle.ON_CALL_RESERVE),
    ],
)
def test_the_hard_filter(over: dict[str, Any], obstacle: Obstacle) -> None:
    ranking = rank(JOB, [worker(**over)], NOW)
    assert ranking.candidates == ()
    assert ranking.obstacles_of(UUID(int=100)) == (obstacle,)


def test_who_refused_is_not_asked_again() -> None:
    job = replace(JOB, refused_by=frozenset({UUID(int=100)}))
    assert rank(job, [worker()], NOW).obstacles_of(UUID(int=100)) == (Obstacle.REFUSED_BEFORE,)


def test_every_obstacle_is_told_not_only_the_first() -> None:
    ranking = rank(JOB, [worker(is_active=False, is_on_leave=True)], NOW)
    assert ranking.excluded[0].obstacles == (Obstacle.INACTIVE, Obstacle.ON_LEAVE)


def test_the_reserve_goes_to_urgent_jobs() -> None:
    assert rank(replace(JOB, is_urgent=True), [worker(is_on_call_reserve=True)], NOW).of(UUID(int=100)) is not None


@pytest.mark.parametrize(
    ("better", "worse", "term"),
    [
        ({"load_minutes": 0}, {"load_minutes": 60}, Term.LOAD),
        ({"jobs_this_month": 2}, {"jobs_this_month": 9}, Term.FAIRNESS),
        ({"base_grid_id": GRID}, {"base_grid_id": OTHER_GRID}, Term.DISTANCE),
        ({"busy_building_id": BUILDING}, {"base_grid_id": GRID}, Term.DISTANCE),
        ({"load_minutes": 200}, {"load_minutes": 260}, Term.DEADLINE_RISK),
        ({"knows_households": frozenset({HOUSEHOLD})}, {}, Term.CONTINUITY),
        ({}, {"skills": (ELECTRICIAN, Skill("lift"))}, Term.RARE_SKILL),
    ],
)
def test_each_term_decides_when_the_rest_is_equal(better: dict[str, Any], worse: dict[str, Any], term: Term) -> None:
    job = replace(JOB, rare_skills=frozenset({"lift"}))
    ranking = rank(job, [worker(1, **worse), worker(2, **better)], NOW)
    assert [candidate.worker.id.int for candidate in ranking.candidates] == [2, 1]
    assert any(reason.term is term for candidate in ranking.candidates for reason in candidate.reasons)


def test_equal_costs_are_settled_by_id() -> None:
    ranking = rank(JOB, [worker(3), worker(1), worker(2)], NOW)
    assert [(one.rank, one.worker.id.int) for one in ranking.candidates] == [(1, 1), (2, 2), (3, 3)]


def test_lateness_is_capped() -> None:
    (candidate,) = rank(replace(JOB, minutes_left=-100_000), [worker()], NOW).candidates
    late = next(reason for reason in candidate.reasons if reason.term is Term.DEADLINE_RISK)
    assert late.quantity == Weights().late_cap_minutes


def test_a_community_may_weigh_differently() -> None:
    near_busy, far_idle = worker(1, base_grid_id=GRID, load_minutes=25), worker(2)
    assert rank(JOB, [near_busy, far_idle], NOW).candidates[0].worker.id.int == 2
    patient = Weights(version=2, load_per_minute=0)
    ranking = rank(JOB, [near_busy, far_idle], NOW, patient)
    assert (ranking.candidates[0].worker.id.int, ranking.weights_version) == (1, 2)


def test_everything_has_a_word() -> None:
    assert set(OBSTACLE_NAMES) == set(Obstacle)
    assert set(TERM_NAMES) == set(Term)
    (candidate,) = rank(JOB, [worker(load_minutes=10)], NOW).candidates
    assert {"term": "load", "name": "手头的活", "quantity": 10, "cost": 10} in [r.as_json() for r in candidate.reasons]


workers = st.lists(
    st.builds(
        worker,
        number=st.integers(1, 50),
        load_minutes=st.integers(0, 600),
        jobs_this_month=st.integers(0, 60),
        is_on_leave=st.booleans(),
        base_grid_id=st.sampled_from([None, GRID, OTHER_GRID]),
    ),
    unique_by=lambda one: one.id,
)


@given(workers)
def test_nobody_is_lost_and_the_cost_is_the_sum_of_its_reasons(staff: list[Worker]) -> None:
    ranking = rank(JOB, staff, NOW)
    listed = [one.worker.id for one in ranking.candidates] + [one.worker.id for one in ranking.excluded]
    assert sorted(listed) == sorted(one.id for one in staff)
    assert [one.cost for one in ranking.candidates] == sorted(one.cost for one in ranking.candidates)
    assert all(one.cost == sum(reason.cost for reason in one.reasons) for one in ranking.candidates)
    assert rank(JOB, reversed(staff), NOW) == ranking
