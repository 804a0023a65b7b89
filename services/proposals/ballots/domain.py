"""选票: what a choice may be, the bytes that are sealed and hashed, and why somebody cannot vote."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.proposals.ballots.errors import ChoiceInvalidError
from services.proposals.ballots.merkle import canonical_json, utc_text
from services.proposals.ballots.sealing import pad_choice
from services.proposals.rounds.domain import Method, Option, RoundState

TAG_CAST = "diyuan.cast.v1"
ABSTAIN = "abstain"


class Reason(StrEnum):
    """Why the caller cannot vote; `none` means the vote is open to them."""

    NONE = "none"
    NO_HOUSEHOLD = "no_household"
    NOT_ON_ROLL = "not_on_roll"
    MAY_NOT_ACT = "may_not_act"
    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    ALREADY_VOTED = "already_voted"
    CHECK_IN_FIRST = "check_in_first"


REASON_TEXTS: dict[Reason, str] = {
    Reason.NONE: "您可以投票。",
    Reason.NO_HOUSEHOLD: "您的账号还没有绑定到户，请先绑定家庭。",
    Reason.NOT_ON_ROLL: "这次表决的名册里没有您家；名册在投票前已经公布并冻结。",
    Reason.MAY_NOT_ACT: "名册里登记的投票人不包括您，请由家里登记的人来投。",
    Reason.NOT_OPEN_YET: "投票还没有开始。",
    Reason.CLOSED: "投票已经结束。",
    Reason.ALREADY_VOTED: "您家已经投过票，一户一票。",
    Reason.CHECK_IN_FIRST: "这次表决要先签到，再投票。",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about a caller in a round."""

    has_household: bool
    is_on_roll: bool
    may_act: bool
    has_voted: bool
    is_present: bool
    needs_presence: bool


def why_not(state: RoundState, standing: Standing) -> Reason:
    """Return the first thing that stands between the caller and the ballot box; lasting reasons come before passing ones."""
    checks = (
        (not standing.has_household, Reason.NO_HOUSEHOLD),
        (not standing.is_on_roll, Reason.NOT_ON_ROLL),
        (not standing.may_act, Reason.MAY_NOT_ACT),
        (standing.has_voted, Reason.ALREADY_VOTED),
        (state in (RoundState.DRAFTED, RoundState.FROZEN), Reason.NOT_OPEN_YET),
        (state is not RoundState.OPEN, Reason.CLOSED),
        (standing.needs_presence and not standing.is_present, Reason.CHECK_IN_FIRST),
    )
    return next((reason for applies, reason in checks if applies), Reason.NONE)


def check_choice(method: Method, options: Sequence[Option], max_choices: int, choice: Sequence[str]) -> tuple[str, ...]:
    """Return the choice in the order of the options.

    Errors: ChoiceInvalidError.
    """
    known = [option.code for option in options]
    chosen = set(choice)
    if not chosen or len(chosen) != len(choice):
        raise ChoiceInvalidError(problem="没有选，或者重复选了")
    if not chosen <= set(known):
        raise ChoiceInvalidError(problem="选了不存在的选项")
    most = max_choices if method is Method.APPROVE else 1
    if len(chosen) > most:
        raise ChoiceInvalidError(problem=f"最多选 {most} 项")
    if ABSTAIN in chosen and len(chosen) > 1:
        raise ChoiceInvalidError(problem="弃权就不能再选别的")
    return tuple(code for code in known if code in chosen)


def choice_size(options: Sequence[Option]) -> int:
    """Return the one length in bytes that every choice of a round is sealed at, so that its size does not tell it."""
    return len(json.dumps([option.code for option in options]).encode())


def choice_bytes(choice: Sequence[str], size: int) -> bytes:
    """Return the choice as bytes of the round's `choice_size`."""
    return pad_choice(json.dumps(list(choice)).encode(), size=size)


def read_choice(raw: bytes) -> tuple[str, ...]:
    """Read what `choice_bytes` wrote."""
    return tuple(json.loads(raw))


def bound_to(round_id: UUID, ballot_id: UUID) -> bytes:
    """Return what ties a sealed choice to its ballot."""
    return round_id.bytes + ballot_id.bytes


def cast_leaf(
    *, round_id: UUID, ballot_id: UUID, unit_id: UUID, frozen_hash: str, sealed: bytes, cast_at: datetime
) -> bytes:
    """Return the log entry of a ballot: which unit, under which frozen round, and the hash of the sealed choice."""
    value: dict[str, Any] = {
        "tag": TAG_CAST,
        "round": str(round_id),
        "ballot": str(ballot_id),
        "unit": str(unit_id),
        "frozen": frozen_hash,
        "sealed": sha256(sealed).hexdigest(),
        "cast_at": utc_text(cast_at),
    }
    return canonical_json(value)
