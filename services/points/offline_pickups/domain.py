"""A store without network: a signed list of open codes goes out, what was handed over comes back, and each code counts once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.points.offline_pickups.errors import OfflineConflictSettledError, OwnUploadError, UploadTooLargeError
from services.points.redemptions.domain import BY_PROXY, Redemption, State, has_code
from shared.kernel.clock import CHINA


class Outcome(StrEnum):
    APPLIED = "applied"
    USED_TWICE = "used_twice"
    CODE_WRONG = "code_wrong"
    ALREADY_ENDED = "already_ended"
    OWN_COUNTER = "own_counter"
    OUTSIDE_LIST = "outside_list"


@dataclass(frozen=True, slots=True)
class OfflinePolicy:
    """How long a list may be used, how many codes it holds, how many hand-overs one upload brings."""

    valid_for: timedelta = timedelta(hours=24)
    most_items: int = 2_000
    most_hand_overs: int = 500


@dataclass(frozen=True, slots=True)
class HandOver:
    """One hand-over as a device told it."""

    redemption_id: UUID
    code: str
    handed_over_at: datetime
    proxy_name: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """Where and when a code was used."""

    device: str
    handed_over_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of one hand-over; `other` is where the code had been used before."""

    hand_over: HandOver
    outcome: Outcome
    other: Use | None = None


COUNTER = "在线柜台"
"""Named as the device of a code that was used at a counter with network."""


def require_size(hand_overs: Sequence[HandOver], most: int) -> None:
    """Pass when an upload is not too large to be looked at at once.

    Errors: UploadTooLargeError.
    """
    if len(hand_overs) > most:
        raise UploadTooLargeError(hand_overs=len(hand_overs), most=most)


def reconcile(
    hand_overs: Sequence[HandOver],
    redemptions: Mapping[UUID, Redemption],
    uses: Mapping[UUID, Use],
    *,
    device: str,
    issued_at: datetime,
    own_household_id: UUID | None,
) -> list[Verdict]:
    """Return what comes of each hand-over, earliest first.

    A code is applied once, to the hand-over that comes first; the time is the device's own and may be wrong, so it orders what one device
    tells and never decides between devices: there the upload that came first stands, and both are named. `uses` are codes already used, at
    a counter or on a device.
    """
    verdicts = []
    used = dict(uses)
    for hand_over in sorted(hand_overs, key=lambda h: (h.handed_over_at, h.redemption_id)):
        redemption = redemptions.get(hand_over.redemption_id)
        earlier = used.get(hand_over.redemption_id)
        outcome = _outcome(hand_over, redemption, earlier, issued_at, own_household_id)
        if outcome is Outcome.APPLIED:
            used[hand_over.redemption_id] = Use(device, hand_over.handed_over_at)
        verdicts.append(Verdict(hand_over, outcome, earlier if outcome is Outcome.USED_TWICE else None))
    return verdicts


def _outcome(
    hand_over: HandOver,
    redemption: Redemption | None,
    earlier: Use | None,
    issued_at: datetime,
    own_household_id: UUID | None,
) -> Outcome:
    if redemption is None or redemption.created_at > issued_at or redemption.cash_fen:
        return Outcome.OUTSIDE_LIST
    if redemption.pickup_code != hand_over.code:
        return Outcome.CODE_WRONG
    if earlier is not None:
        return Outcome.USED_TWICE
    if not has_code(redemption.state):
        return Outcome.ALREADY_ENDED
    return Outcome.OWN_COUNTER if redemption.household_id == own_household_id else Outcome.APPLIED


def remark(device: str, hand_over: HandOver) -> str:
    """Return how goods were handed over that a device told of, for the record; `device` is where."""
    told_at = hand_over.handed_over_at.astimezone(CHINA)
    proxy = f"，{BY_PROXY}" if hand_over.proxy_name else ""
    return f"没有网络时发放：{device}，{told_at:%Y-%m-%d %H:%M}{proxy}"


def check_settling(*, is_settled: bool, is_own_upload: bool) -> None:
    """Pass when a conflict waits for somebody and another than who caused it comes.

    Errors: OwnUploadError, OfflineConflictSettledError.
    """
    if is_own_upload:
        raise OwnUploadError
    if is_settled:
        raise OfflineConflictSettledError


def is_used_at_counter(redemption: Redemption) -> bool:
    """Tell whether the goods were handed over where there was network."""
    return redemption.state in {State.PICKED_UP, State.RETURNED} and redemption.ended_at is not None
