"""What is told of a request for help, as facts for others."""

from datetime import datetime

from services.points.time_bank.domain import Participant, Request, State
from shared.contracts.events import HelpMoved, TimeCredited


def moved(request: Request, action: str, note: str, now: datetime) -> HelpMoved:
    """Return the fact that a step was taken with a request."""
    return HelpMoved(
        request_id=request.id,
        kind_name=request.kind_name,
        state=request.state.value,
        requester_resident_id=request.requester_resident_id,
        helper_resident_ids=tuple(helper.resident_id for helper in request.helpers),
        starts_at=request.wanted_from,
        reason=note,
        action=action,
        due_at=request.due_at,
        moved_at=now,
        waits_for_pool=request.state is State.REQUESTED and not request.is_approved,
    )


def credited(request: Request, helper: Participant) -> TimeCredited:
    """Return the fact that a helper's minutes stand in the passbook."""
    return TimeCredited(
        request_id=request.id,
        resident_id=helper.resident_id,
        household_id=helper.household_id,
        kind_name=request.kind_name,
        minutes_served=helper.served_minutes,
        minutes_credited=helper.credited_minutes,
    )
