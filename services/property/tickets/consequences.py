"""What a step of a ticket means for its clocks, for who was sent, and for the published rates."""

from collections.abc import Mapping

from services.property.tickets.transitions import DESK_OUTCOMES, Action, Outcome

CLOCKED = frozenset(
    {
        Action.ACCEPT,
        Action.REJECT,
        Action.WITHDRAW,
        Action.RECLASSIFY,
        Action.HOLD,
        Action.RESUME,
        Action.RECALL,
        Action.FINISH,
        Action.DISPUTE,
        Action.REOPEN,
    }
)
"""Steps that start, pause, resume, stop or re-price a clock."""

NOT_WORK = DESK_OUTCOMES | {Outcome.WITHDRAWN}
"""Ends that say nothing about how well the company keeps its promises."""

ASSIGNMENT_STATES: Mapping[Action, str] = {
    Action.TAKE: "taken",
    Action.DECLINE: "declined",
    Action.LAPSE: "lapsed",
    Action.RECALL: "recalled",
    Action.WITHDRAW: "withdrawn",
    Action.FINISH: "done",
}
"""What a step means for who was sent."""
