"""The table of a ticket's life: states, actions, actors, what leads where, who may do it, and the words residents read.

This is the only place that knows the life cycle; it also draws the diagram of the service README and answers
`GET /tickets/{id}/actions`. State says where the work stands, outcome says what came of it: `closed` never implies `fixed`.
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.kernel.state_machine import StateMachine, Worded


class State(Worded):
    SUBMITTED = "submitted", "已提交，等客服受理"
    ACCEPTED = "accepted", "已受理，等派工"
    OFFERED = "offered", "已派工，等师傅接单"
    TAKEN = "taken", "师傅已接单"
    ON_SITE = "on_site", "师傅已到场"
    WORKING = "working", "正在处理"
    ON_HOLD = "on_hold", "暂停处理"
    DONE_PENDING_CHECK = "done_pending_check", "已完工，等您确认"
    AWAITING_RATING = "awaiting_rating", "等您评价"
    CLOSED = "closed", "已办结"


class Action(Worded):
    SUBMIT = "submit", "报修"
    ACCEPT = "accept", "受理"
    REJECT = "reject", "不予受理"
    WITHDRAW = "withdraw", "撤回"
    RECLASSIFY = "reclassify", "改类别或轻重缓急"
    OFFER = "offer", "派工"
    LAPSE = "lapse", "超时未接单"
    DECLINE = "decline", "拒接"
    RECALL = "recall", "收回派工"
    TAKE = "take", "接单"
    ARRIVE = "arrive", "到场签到"
    START = "start", "开工"
    HOLD = "hold", "挂起"
    RESUME = "resume", "恢复处理"
    FINISH = "finish", "完工"
    CONFIRM = "confirm", "确认完工"
    DISPUTE = "dispute", "没修好，要求返工"
    RATE = "rate", "评价"
    CLOSE_SILENTLY = "close_silently", "到期自动办结"
    REOPEN = "reopen", "重开"


class Actor(StrEnum):
    """In which capacity somebody acts; one person may have several over one ticket."""

    REPORTER = "reporter"
    AGENT = "agent"
    DISPATCHER = "dispatcher"
    WORKER = "worker"
    CLOCK = "clock"


class Outcome(StrEnum):
    FIXED = "fixed"
    MITIGATED = "mitigated"
    EXPLAINED_NOT_FIXABLE = "explained_not_fixable"
    DUPLICATE = "duplicate"
    OUT_OF_SCOPE = "out_of_scope"
    WITHDRAWN = "withdrawn"
    INVALID = "invalid"


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class HoldReason(StrEnum):
    """Why work waits. What the company cannot help stops the promised time; its own shortage of hands does not."""

    WAITING_PARTS = "waiting_parts"
    WAITING_RESIDENT = "waiting_resident"
    WAITING_PERMISSION = "waiting_permission"
    WEATHER = "weather"
    OTHER_JOB = "other_job"


CLOCK_STOPPING_REASONS = frozenset(
    {HoldReason.WAITING_PARTS, HoldReason.WAITING_RESIDENT, HoldReason.WAITING_PERMISSION, HoldReason.WEATHER}
)
WORK_OUTCOMES = frozenset({Outcome.FIXED, Outcome.MITIGATED, Outcome.EXPLAINED_NOT_FIXABLE})
DESK_OUTCOMES = frozenset({Outcome.DUPLICATE, Outcome.OUT_OF_SCOPE, Outcome.INVALID})
AT_WORK = frozenset({State.OFFERED, State.TAKEN, State.ON_SITE, State.WORKING, State.ON_HOLD})

ACTOR_NAMES: Mapping[Actor, str] = {
    Actor.REPORTER: "报修人",
    Actor.AGENT: "物业客服",
    Actor.DISPATCHER: "派工人员",
    Actor.WORKER: "承办师傅",
    Actor.CLOCK: "系统",
}

_S, _A, _W = State, Action, Actor

LIFE: StateMachine[State, Action, Actor] = StateMachine(
    transitions={
        (_S.SUBMITTED, _A.ACCEPT): _S.ACCEPTED,
        (_S.SUBMITTED, _A.REJECT): _S.CLOSED,
        (_S.SUBMITTED, _A.WITHDRAW): _S.CLOSED,
        (_S.ACCEPTED, _A.OFFER): _S.OFFERED,
        (_S.ACCEPTED, _A.RECLASSIFY): _S.ACCEPTED,
        (_S.ACCEPTED, _A.REJECT): _S.CLOSED,
        (_S.ACCEPTED, _A.WITHDRAW): _S.CLOSED,
        (_S.OFFERED, _A.TAKE): _S.TAKEN,
        (_S.OFFERED, _A.DECLINE): _S.ACCEPTED,
        (_S.OFFERED, _A.LAPSE): _S.ACCEPTED,
        (_S.OFFERED, _A.RECALL): _S.ACCEPTED,
        (_S.OFFERED, _A.RECLASSIFY): _S.OFFERED,
        (_S.OFFERED, _A.WITHDRAW): _S.CLOSED,
        (_S.TAKEN, _A.ARRIVE): _S.ON_SITE,
        (_S.TAKEN, _A.DECLINE): _S.ACCEPTED,
        (_S.TAKEN, _A.RECALL): _S.ACCEPTED,
        (_S.TAKEN, _A.RECLASSIFY): _S.TAKEN,
        (_S.ON_SITE, _A.START): _S.WORKING,
        (_S.ON_SITE, _A.HOLD): _S.ON_HOLD,
        (_S.ON_SITE, _A.RECALL): _S.ACCEPTED,
        (_S.ON_SITE, _A.RECLASSIFY): _S.ON_SITE,
        (_S.WORKING, _A.FINISH): _S.DONE_PENDING_CHECK,
        (_S.WORKING, _A.HOLD): _S.ON_HOLD,
        (_S.WORKING, _A.RECLASSIFY): _S.WORKING,
        (_S.ON_HOLD, _A.RESUME): _S.WORKING,
        (_S.ON_HOLD, _A.RECALL): _S.ACCEPTED,
        (_S.ON_HOLD, _A.RECLASSIFY): _S.ON_HOLD,
        (_S.DONE_PENDING_CHECK, _A.CONFIRM): _S.AWAITING_RATING,
        (_S.DONE_PENDING_CHECK, _A.DISPUTE): _S.ACCEPTED,
        (_S.DONE_PENDING_CHECK, _A.CLOSE_SILENTLY): _S.CLOSED,
        (_S.AWAITING_RATING, _A.RATE): _S.CLOSED,
        (_S.AWAITING_RATING, _A.DISPUTE): _S.ACCEPTED,
        (_S.AWAITING_RATING, _A.CLOSE_SILENTLY): _S.CLOSED,
        (_S.CLOSED, _A.REOPEN): _S.ACCEPTED,
    },
    actors={
        _A.SUBMIT: frozenset({_W.REPORTER}),
        _A.ACCEPT: frozenset({_W.AGENT}),
        _A.REJECT: frozenset({_W.AGENT}),
        _A.WITHDRAW: frozenset({_W.REPORTER}),
        _A.RECLASSIFY: frozenset({_W.AGENT}),
        _A.OFFER: frozenset({_W.DISPATCHER}),
        _A.LAPSE: frozenset({_W.CLOCK}),
        _A.DECLINE: frozenset({_W.WORKER}),
        _A.RECALL: frozenset({_W.DISPATCHER}),
        _A.TAKE: frozenset({_W.WORKER}),
        _A.ARRIVE: frozenset({_W.WORKER}),
        _A.START: frozenset({_W.WORKER}),
        _A.HOLD: frozenset({_W.WORKER}),
        _A.RESUME: frozenset({_W.WORKER}),
        _A.FINISH: frozenset({_W.WORKER}),
        _A.CONFIRM: frozenset({_W.REPORTER}),
        _A.DISPUTE: frozenset({_W.REPORTER}),
        _A.RATE: frozenset({_W.REPORTER}),
        _A.CLOSE_SILENTLY: frozenset({_W.CLOCK}),
        _A.REOPEN: frozenset({_W.REPORTER, _W.AGENT}),
    },
)
