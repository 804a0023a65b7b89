"""The life of a gig and of each of its places: taken, done, looked at, paid; or given back, disputed, settled.

A gig is what somebody needs done; a place is one person's share of it. All that is paid lies in escrow from the day the gig is posted.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.points.help_policies.domain import GigPolicy
from shared.kernel.principal import Role
from shared.kernel.state_machine import StateMachine, Worded
from shared.kernel.values import Points


class GigState(Worded):
    BUDGETED = "budgeted", "积分已备好"
    OPEN = "open", "招人中"
    WORKING = "working", "干活中"
    FINISHED = "finished", "已办完"
    CANCELLED = "cancelled", "已取消"
    EXPIRED = "expired", "已过期"


class GigAction(Worded):
    PUBLISH = "publish", "发布"
    CANCEL = "cancel", "取消"
    WIND_DOWN = "wind_down", "停止招人"
    EXPIRE = "expire", "到期作废"
    FINISH = "finish", "办结"


class GigActor(StrEnum):
    POSTER = "poster"
    OFFICIAL = "official"
    CLOCK = "clock"


GIG_LIFE = StateMachine[GigState, GigAction, GigActor](
    transitions={
        (GigState.BUDGETED, GigAction.PUBLISH): GigState.OPEN,
        (GigState.BUDGETED, GigAction.CANCEL): GigState.CANCELLED,
        (GigState.BUDGETED, GigAction.EXPIRE): GigState.EXPIRED,
        (GigState.OPEN, GigAction.CANCEL): GigState.CANCELLED,
        (GigState.OPEN, GigAction.WIND_DOWN): GigState.WORKING,
        (GigState.OPEN, GigAction.EXPIRE): GigState.EXPIRED,
        (GigState.OPEN, GigAction.FINISH): GigState.FINISHED,
        (GigState.WORKING, GigAction.FINISH): GigState.FINISHED,
    },
    actors={
        GigAction.PUBLISH: frozenset({GigActor.POSTER, GigActor.OFFICIAL}),
        GigAction.CANCEL: frozenset({GigActor.POSTER, GigActor.OFFICIAL}),
        GigAction.WIND_DOWN: frozenset({GigActor.CLOCK}),
        GigAction.EXPIRE: frozenset({GigActor.CLOCK}),
        GigAction.FINISH: frozenset({GigActor.CLOCK}),
    },
)


class PlaceState(Worded):
    OPEN = "open", "空着"
    CLAIMED = "claimed", "已接活"
    DONE = "done", "已干完，等验收"
    VERIFIED = "verified", "已验收"
    PAID = "paid", "已付积分"
    DISPUTED = "disputed", "有争议"
    SETTLED = "settled", "已裁定"
    CANCELLED = "cancelled", "已取消"
    EXPIRED = "expired", "已过期"


class PlaceAction(Worded):
    CLAIM = "claim", "接活"
    CHECK_IN = "check_in", "到场签到"
    COMPLETE = "complete", "报告干完"
    GIVE_UP = "give_up", "放弃"
    RELEASE = "release", "收回名额"
    VERIFY = "verify", "验收"
    PAY = "pay", "付积分"
    DISPUTE = "dispute", "提出争议"
    SETTLE = "settle", "裁定"
    CANCEL = "cancel", "取消"
    EXPIRE = "expire", "到期作废"


class PlaceActor(StrEnum):
    NEIGHBOUR = "neighbour"
    WORKER = "worker"
    POSTER = "poster"
    GRID_WORKER = "grid_worker"
    SUPERVISOR = "supervisor"
    CLOCK = "clock"


PLACE_LIFE = StateMachine[PlaceState, PlaceAction, PlaceActor](
    transitions={
        (PlaceState.OPEN, PlaceAction.CLAIM): PlaceState.CLAIMED,
        (PlaceState.OPEN, PlaceAction.CANCEL): PlaceState.CANCELLED,
        (PlaceState.OPEN, PlaceAction.EXPIRE): PlaceState.EXPIRED,
        (PlaceState.CLAIMED, PlaceAction.CHECK_IN): PlaceState.CLAIMED,
        (PlaceState.CLAIMED, PlaceAction.COMPLETE): PlaceState.DONE,
        (PlaceState.CLAIMED, PlaceAction.GIVE_UP): PlaceState.OPEN,
        (PlaceState.CLAIMED, PlaceAction.RELEASE): PlaceState.OPEN,
        (PlaceState.CLAIMED, PlaceAction.CANCEL): PlaceState.CANCELLED,
        (PlaceState.CLAIMED, PlaceAction.EXPIRE): PlaceState.EXPIRED,
        (PlaceState.DONE, PlaceAction.VERIFY): PlaceState.VERIFIED,
        (PlaceState.DONE, PlaceAction.DISPUTE): PlaceState.DISPUTED,
        (PlaceState.VERIFIED, PlaceAction.PAY): PlaceState.PAID,
        (PlaceState.VERIFIED, PlaceAction.DISPUTE): PlaceState.DISPUTED,
        (PlaceState.DISPUTED, PlaceAction.SETTLE): PlaceState.SETTLED,
    },
    actors={
        PlaceAction.CLAIM: frozenset({PlaceActor.NEIGHBOUR}),
        PlaceAction.CHECK_IN: frozenset({PlaceActor.WORKER}),
        PlaceAction.COMPLETE: frozenset({PlaceActor.WORKER}),
        PlaceAction.GIVE_UP: frozenset({PlaceActor.WORKER}),
        PlaceAction.RELEASE: frozenset({PlaceActor.CLOCK}),
        PlaceAction.VERIFY: frozenset({PlaceActor.POSTER, PlaceActor.GRID_WORKER, PlaceActor.CLOCK}),
        PlaceAction.PAY: frozenset({PlaceActor.CLOCK}),
        PlaceAction.DISPUTE: frozenset({PlaceActor.POSTER, PlaceActor.WORKER, PlaceActor.CLOCK}),
        PlaceAction.SETTLE: frozenset({PlaceActor.SUPERVISOR}),
        PlaceAction.CANCEL: frozenset({PlaceActor.POSTER, PlaceActor.GRID_WORKER}),
        PlaceAction.EXPIRE: frozenset({PlaceActor.CLOCK}),
    },
)

CLOCK = frozenset({PlaceActor.CLOCK})
GIG_CLOCK = frozenset({GigActor.CLOCK})
OFFICIALS = (Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)


@dataclass(frozen=True, slots=True)
class Gig:
    """What somebody needs done. `poster_household_id` is None when the community posts it."""

    id: UUID
    title: str
    description: str
    location: str
    grid_id: UUID
    poster_household_id: UUID | None
    poster_account_id: UUID
    points: Points
    places: int
    free_places: int
    photos_required: int
    apply_until: datetime
    work_from: datetime
    work_until: datetime
    state: GigState
    escrow_account_id: UUID
    policy: GigPolicy
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """One person's share of a gig, with its own part of the escrow."""

    id: UUID
    gig_id: UUID
    number: int
    state: PlaceState
    escrow_transfer_id: UUID
    worker_household_id: UUID | None
    worker_account_id: UUID | None
    worker_name: str
    claimed_at: datetime | None
    checked_in_at: datetime | None
    done_at: datetime | None
    photo_ids: tuple[UUID, ...]
    note: str
    verified_by: UUID | None
    reason: str
    paid_points: int
    refunded_points: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class GigLine:
    """One line of a gig's record: who did what and why; without an account it was the clock."""

    id: UUID
    place_number: int | None
    action: str
    account_id: UUID | None
    household_id: UUID | None
    note: str
    happened_at: datetime


def new_place(place_id: UUID, gig_id: UUID, number: int, escrow_transfer_id: UUID) -> Place:
    """Return a place nobody has taken yet."""
    return Place(
        id=place_id,
        gig_id=gig_id,
        number=number,
        state=PlaceState.OPEN,
        escrow_transfer_id=escrow_transfer_id,
        worker_household_id=None,
        worker_account_id=None,
        worker_name="",
        claimed_at=None,
        checked_in_at=None,
        done_at=None,
        photo_ids=(),
        note="",
        verified_by=None,
        reason="",
        paid_points=0,
        refunded_points=0,
        due_at=None,
    )
