"""Whom to send: who can do the job at all, and among them whose going costs the community least.

First a hard filter: department, skill with a certificate that is still valid, area, shift, leave, conflict of interest. Who fails
it is listed with every reason. The rest is ranked by an integer cost whose terms are kept with the assignment, so that "why him?"
has an answer years later. Nothing here decides: a dispatcher picks from the list, and may pick the last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Obstacle(StrEnum):
    """Why somebody cannot be sent."""

    INACTIVE = "inactive"
    OTHER_DEPARTMENT = "other_department"
    LACKS_SKILL = "lacks_skill"
    CERTIFICATE_EXPIRED = "certificate_expired"
    OTHER_AREA = "other_area"
    OFF_SHIFT = "off_shift"
    ON_LEAVE = "on_leave"
    OWN_HOUSEHOLD = "own_household"
    REFUSED_BEFORE = "refused_before"
    ON_CALL_RESERVE = "on_call_reserve"


class Term(StrEnum):
    """What a candidate's cost is made of."""

    DEADLINE_RISK = "deadline_risk"
    DISTANCE = "distance"
    LOAD = "load"
    FAIRNESS = "fairness"
    RARE_SKILL = "rare_skill"
    CONTINUITY = "continuity"


OBSTACLE_NAMES: Mapping[Obstacle, str] = {
    Obstacle.INACTIVE: "已停用",
    Obstacle.OTHER_DEPARTMENT: "不是承办部门的人",
    Obstacle.LACKS_SKILL: "没有所需技能",
    Obstacle.CERTIFICATE_EXPIRED: "证件已过期",
    Obstacle.OTHER_AREA: "不负责这一片",
    Obstacle.OFF_SHIFT: "不在班上",
    Obstacle.ON_LEAVE: "请假",
    Obstacle.OWN_HOUSEHOLD: "报修人是自家人",
    Obstacle.REFUSED_BEFORE: "这一单已拒接或超时",
    Obstacle.ON_CALL_RESERVE: "留作应急值守",
}
TERM_NAMES: Mapping[Term, str] = {
    Term.DEADLINE_RISK: "可能超时",
    Term.DISTANCE: "路程",
    Term.LOAD: "手头的活",
    Term.FAIRNESS: "本月派单多少",
    Term.RARE_SKILL: "大材小用",
    Term.CONTINUITY: "熟悉这户",
}


class Distance(StrEnum):
    SAME_BUILDING = "same_building"
    SAME_GRID = "same_grid"
    OTHER_GRID = "other_grid"


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term counts; policy of a community, versioned. Costs are whole numbers, about one per minute of walking."""

    version: int = 1
    late_per_minute: int = 4
    late_cap_minutes: int = 480
    same_grid: int = 10
    other_grid: int = 30
    load_per_minute: int = 1
    fairness_per_job: int = 3
    unused_rare_skill: int = 15
    known_household: int = -8


@dataclass(frozen=True, slots=True)
class Skill:
    """Something a worker can do; `valid_until` is the end of the certificate, None when none is needed."""

    code: str
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """What dispatch knows about a worker at this moment.

    `grid_ids` empty means the whole community. `load_minutes` is the expected work of the jobs in hand, `jobs_this_month` feeds
    fairness, `busy_building_id` is where the present job is.
    """

    id: UUID
    name: str
    department: str
    skills: tuple[Skill, ...] = ()
    grid_ids: frozenset[UUID] = frozenset()
    household_id: UUID | None = None
    is_active: bool = True
    is_on_shift: bool = True
    is_on_leave: bool = False
    is_on_call_reserve: bool = False
    load_minutes: int = 0
    jobs_this_month: int = 0
    base_grid_id: UUID | None = None
    busy_building_id: UUID | None = None
    knows_households: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Job:
    """What has to be done and by when. `minutes_left` are working minutes until the promise breaks; negative when it has."""

    department: str
    household_id: UUID
    expected_minutes: int
    minutes_left: int
    skill: str | None = None
    grid_id: UUID | None = None
    building_id: UUID | None = None
    is_urgent: bool = False
    refused_by: frozenset[UUID] = frozenset()
    rare_skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One term of the cost, with the quantity it came from."""

    term: Term
    quantity: int
    cost: int

    def as_json(self) -> dict[str, str | int]:
        """Return what is kept with the assignment and shown to the dispatcher."""
        return {"term": self.term.value, "name": TERM_NAMES[self.term], "quantity": self.quantity, "cost": self.cost}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker who can be sent, what that costs and why; rank counts from 1."""

    rank: int
    worker: Worker
    cost: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A worker who cannot be sent, with every reason."""

    worker: Worker
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to "whom can I send?"."""

    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...] = ()
    weights_version: int = 1

    def of(self, worker_id: UUID) -> Candidate | None:
        """Return a worker's place in the ranking; None when not a candidate."""
        return next((candidate for candidate in self.candidates if candidate.worker.id == worker_id), None)

    def obstacles_of(self, worker_id: UUID) -> tuple[Obstacle, ...]:
        """Return why a worker cannot be sent; empty for a candidate or a stranger."""
        return next((excluded.obstacles for excluded in self.excluded if excluded.worker.id == worker_id), ())


@dataclass(frozen=True, slots=True)
class _Scored:
    cost: int
    worker: Worker
    reasons: tuple[Reason, ...] = field(default=())


def rank(job: Job, workers: Iterable[Worker], now: datetime, weights: Weights | None = None) -> Ranking:
    """Filter and rank.

    Equal costs go to the smaller id, so that the same facts always give the same list.
    """
    counted = weights or Weights()
    scored: list[_Scored] = []
    excluded: list[Excluded] = []
    for worker in workers:
        obstacles = obstacles_to(job, worker, now)
        if obstacles:
            excluded.append(Excluded(worker, obstacles))
        else:
            reasons = reasons_for(job, worker, counted)
            scored.append(_Scored(sum(reason.cost for reason in reasons), worker, reasons))
    scored.sort(key=lambda one: (one.cost, one.worker.id))
    excluded.sort(key=lambda one: one.worker.id)
    candidates = tuple(
        Candidate(position, one.worker, one.cost, one.reasons) for position, one in enumerate(scored, start=1)
    )
    return Ranking(candidates, tuple(excluded), counted.version)


def obstacles_to(job: Job, worker: Worker, now: datetime) -> tuple[Obstacle, ...]:
    """Return everything that forbids sending this worker; empty when nothing does."""
    skill = next((one for one in worker.skills if one.code == job.skill), None)
    is_expired = skill is not None and skill.valid_until is not None and skill.valid_until <= now
    is_elsewhere = job.grid_id is not None and bool(worker.grid_ids) and job.grid_id not in worker.grid_ids
    checks = (
        (not worker.is_active, Obstacle.INACTIVE),
        (worker.department != job.department, Obstacle.OTHER_DEPARTMENT),
        (job.skill is not None and skill is None, Obstacle.LACKS_SKILL),
        (is_expired, Obstacle.CERTIFICATE_EXPIRED),
        (is_elsewhere, Obstacle.OTHER_AREA),
        (not worker.is_on_shift, Obstacle.OFF_SHIFT),
        (worker.is_on_leave, Obstacle.ON_LEAVE),
        (worker.household_id == job.household_id, Obstacle.OWN_HOUSEHOLD),
        (worker.id in job.refused_by, Obstacle.REFUSED_BEFORE),
        (worker.is_on_call_reserve and not job.is_urgent, Obstacle.ON_CALL_RESERVE),
    )
    return tuple(obstacle for applies, obstacle in checks if applies)


def distance_between(job: Job, worker: Worker) -> Distance:
    """Return how far the worker is: at work in the building, based in the grid, or further."""
    if job.building_id is not None and worker.busy_building_id == job.building_id:
        return Distance.SAME_BUILDING
    if job.grid_id is not None and job.grid_id == worker.base_grid_id:
        return Distance.SAME_GRID
    return Distance.OTHER_GRID


def reasons_for(job: Job, worker: Worker, weights: Weights) -> tuple[Reason, ...]:
    """Return the terms of the cost in a fixed order, zero ones left out."""
    late_minutes = max(0, min(weights.late_cap_minutes, worker.load_minutes + job.expected_minutes - job.minutes_left))
    walk_cost = {
        Distance.SAME_BUILDING: 0,
        Distance.SAME_GRID: weights.same_grid,
        Distance.OTHER_GRID: weights.other_grid,
    }[distance_between(job, worker)]
    unused = sum(skill.code in job.rare_skills and skill.code != job.skill for skill in worker.skills)
    is_known = job.household_id in worker.knows_households
    terms = (
        Reason(Term.DEADLINE_RISK, late_minutes, late_minutes * weights.late_per_minute),
        Reason(Term.DISTANCE, walk_cost, walk_cost),
        Reason(Term.LOAD, worker.load_minutes, worker.load_minutes * weights.load_per_minute),
        Reason(Term.FAIRNESS, worker.jobs_this_month, worker.jobs_this_month * weights.fairness_per_job),
        Reason(Term.RARE_SKILL, unused, unused * weights.unused_rare_skill),
        Reason(Term.CONTINUITY, int(is_known), weights.known_household if is_known else 0),
    )
    return tuple(reason for reason in terms if reason.cost)
