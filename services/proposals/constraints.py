"""What the database's own refusals mean: a rule broken in a race is told in the same words as one refused beforehand."""

from collections.abc import Mapping

from services.proposals.meetings.errors import MeetingAlreadyHeldError
from services.proposals.notices.errors import NoticeAlreadyRunningError
from services.proposals.processes.errors import ProcessRunningError
from services.proposals.proposals.errors import AlreadyEndorsedError
from services.proposals.rounds.errors import RoundAlreadyHeldError
from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {
    "pk_endorsement": AlreadyEndorsedError,
    "uq_process_running": ProcessRunningError,
    "uq_meeting_held_of_step": MeetingAlreadyHeldError,
    "uq_round_of_step": RoundAlreadyHeldError,
    "uq_notice_running": NoticeAlreadyRunningError,
}
