"""表决轮次: one question from draft to final result, what is frozen before it opens, and what a choice may be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.proposals.ballots.merkle import content_hash, utc_text
from services.proposals.rounds.errors import (
    AreaNeedsNamedError,
    GradeNotOfferedError,
    OptionsInvalidError,
    PresenceUnrecordableError,
    RoundNotDueError,
    WindowInvalidError,
)
from services.proposals.rounds.quorum import Measure, Quantity, Rule, asks_for, measures_of, rule_to_json
from shared.kernel.clock import CHINA
from shared.kernel.principal import Principal, Role
from shared.kernel.state_machine import StateMachine, Worded

TAG_FREEZE = "diyuan.round_freeze.v1"
MAX_OPTIONS = 30


class RoundState(Worded):
    DRAFTED = "drafted", "筹备中"
    FROZEN = "frozen", "名册已定，等待开始"
    OPEN = "open", "投票中"
    CLOSED = "closed", "投票已结束"
    TALLIED = "tallied", "已计票"
    FINAL = "final", "结果已定"
    VOID = "void", "已作废"


class RoundAction(Worded):
    FREEZE = "freeze", "定下投票名册"
    OPEN = "open", "开始投票"
    CLOSE = "close", "结束投票"
    TALLY = "tally", "计票"
    CONFIRM = "confirm", "确认结果"
    VOID = "void", "作废"
    ANNUL = "annul", "宣告无效"


class RoundActor(StrEnum):
    RECORDER = "recorder"
    SYSTEM = "system"


class Method(StrEnum):
    """How a choice is made: yes / no / abstain, one of the options, or up to k of n."""

    YES_NO_ABSTAIN = "yes_no_abstain"
    SINGLE = "single"
    APPROVE = "approve"


class Grade(StrEnum):
    """记名公开 named_public, 记名不公开 named_private, 无记名 secret (not offered until its separation is proved)."""

    NAMED_PUBLIC = "named_public"
    NAMED_PRIVATE = "named_private"
    SECRET = "secret"  # noqa: S105 - a kind of ballot, not a password.


RECORDERS = (Role.BRANCH_SECRETARY, Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN)
YES_NO = (("yes", "同意"), ("no", "反对"), ("abstain", "弃权"))

_S, _A, _W = RoundState, RoundAction, RoundActor
_EITHER = frozenset({_W.RECORDER, _W.SYSTEM})
LIFE = StateMachine[RoundState, RoundAction, RoundActor](
    transitions={
        (_S.DRAFTED, _A.FREEZE): _S.FROZEN,
        (_S.DRAFTED, _A.VOID): _S.VOID,
        (_S.FROZEN, _A.OPEN): _S.OPEN,
        (_S.FROZEN, _A.VOID): _S.VOID,
        (_S.DRAFTED, _A.ANNUL): _S.VOID,
        (_S.FROZEN, _A.ANNUL): _S.VOID,
        (_S.OPEN, _A.CLOSE): _S.CLOSED,
        (_S.OPEN, _A.ANNUL): _S.VOID,
        (_S.CLOSED, _A.TALLY): _S.TALLIED,
        (_S.CLOSED, _A.ANNUL): _S.VOID,
        (_S.TALLIED, _A.CONFIRM): _S.FINAL,
        (_S.TALLIED, _A.ANNUL): _S.VOID,
    },
    actors={
        _A.FREEZE: frozenset({_W.RECORDER}),
        # Nobody throws away ballots that were cast: a round that opened is annulled only with the step it belongs to, for a public reason.
        _A.VOID: frozenset({_W.RECORDER}),
        _A.ANNUL: frozenset({_W.SYSTEM}),
        _A.OPEN: _EITHER,
        _A.CLOSE: _EITHER,
        _A.TALLY: _EITHER,
        _A.CONFIRM: frozenset({_W.SYSTEM}),
    },
)


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class RoundRule:
    """The rule a round runs under, with where it comes from; stored whole, so a later change of law changes no old vote."""

    preset: str
    body: str
    held_when: Rule
    decided_when: Rule
    law: str
    article: str
    is_verified: bool
    signed_off_by: str

    def to_json(self) -> dict[str, Any]:
        """Return the rule as plain JSON."""
        return {
            "preset": self.preset,
            "body": self.body,
            "held_when": rule_to_json(self.held_when),
            "decided_when": rule_to_json(self.decided_when),
            "law": self.law,
            "article": self.article,
            "is_verified": self.is_verified,
            "signed_off_by": self.signed_off_by,
        }

    def asks_for_presence(self) -> bool:
        """Tell whether those who came are counted."""
        return asks_for(self.held_when, Quantity.PRESENT) or asks_for(self.decided_when, Quantity.PRESENT)

    def uses_area(self) -> bool:
        """Tell whether area decides anything."""
        return Measure.AREA in measures_of(self.held_when) | measures_of(self.decided_when)


@dataclass(frozen=True, slots=True)
class Round:
    round_id: UUID
    proposal_id: UUID
    process_id: UUID
    step_code: str
    state: RoundState
    question: str
    method: Method
    options: tuple[Option, ...]
    max_choices: int
    grade: Grade
    rule: RoundRule
    roll_id: UUID
    text_hash: str
    opens_at: datetime
    closes_at: datetime
    frozen_hash: str = ""
    runoff_of: UUID | None = None


def options_for(method: Method, given: Sequence[tuple[str, str]], max_choices: int) -> tuple[Option, ...]:
    """Return the options of a round.

    Errors: OptionsInvalidError.
    """
    if method is Method.YES_NO_ABSTAIN:
        if given:
            raise OptionsInvalidError(problem="同意／反对／弃权的表决不用另写选项")
        return tuple(Option(code, label) for code, label in YES_NO)
    codes, labels = [code for code, _ in given], [label for _, label in given]
    if not 2 <= len(given) <= MAX_OPTIONS:
        raise OptionsInvalidError(problem=f"要有 2 到 {MAX_OPTIONS} 个选项")
    if len(set(codes)) != len(codes) or len(set(labels)) != len(labels) or "abstain" in codes:
        raise OptionsInvalidError(problem="选项重复，或用了“abstain”这个编号")
    if method is Method.APPROVE and not 1 <= max_choices <= len(given):
        raise OptionsInvalidError(problem="最多可选的个数不对")
    return (*(Option(code, label) for code, label in given), Option("abstain", "弃权"))


def runoff_question(tied: Round) -> str:
    """Return what is asked in the run-off of a tied round: the same, marked as asked again."""
    return tied.question if tied.runoff_of is not None else f"平票后再投一次：{tied.question}"


def check_new(*, opens_at: datetime, closes_at: datetime, grade: Grade, rule: RoundRule, now: datetime) -> None:
    """Check what a new round asks for.

    Errors: WindowInvalidError, GradeNotOfferedError, AreaNeedsNamedError.
    """
    if closes_at <= opens_at or closes_at <= now:
        raise WindowInvalidError
    if grade is Grade.SECRET:
        raise GradeNotOfferedError
    if rule.uses_area() and grade is not Grade.NAMED_PRIVATE:
        raise AreaNeedsNamedError


def acting_as(principal: Principal | None) -> frozenset[RoundActor]:
    """Return what the caller is to a round; no principal is the sweep."""
    if principal is None:
        return frozenset({RoundActor.SYSTEM})
    return frozenset({RoundActor.RECORDER}) if principal.has(*RECORDERS) else frozenset()


def freeze_content(round_: Round, *, roll_hash: str, public_key: bytes) -> dict[str, Any]:
    """Return what a freeze fixes, the first entry of the log: text, options, rule, grade, window, roll and sealing key.

    A run-off names the tied round it follows; any other round has no such line.
    """
    content: dict[str, Any] = {
        "round": str(round_.round_id),
        "text": round_.text_hash,
        "question": round_.question,
        "method": round_.method.value,
        "options": [{"code": option.code, "label": option.label} for option in round_.options],
        "max_choices": round_.max_choices,
        "grade": round_.grade.value,
        "rule": round_.rule.to_json(),
        "roll": roll_hash,
        "opens_at": utc_text(round_.opens_at),
        "closes_at": utc_text(round_.closes_at),
        "public_key": public_key.hex(),
    }
    if round_.runoff_of is not None:
        content["runoff_of"] = str(round_.runoff_of)
    return content


def freeze(round_: Round, principal: Principal, *, roll_hash: str, public_key: bytes) -> Round:
    """Fix everything a voter relies on; nothing of it can change afterwards.

    Errors: ForbiddenError, WrongStateError.
    """
    state = LIFE.perform(round_.state, RoundAction.FREEZE, acting_as(principal))
    frozen = freeze_content(round_, roll_hash=roll_hash, public_key=public_key)
    return replace(round_, state=state, frozen_hash=content_hash(TAG_FREEZE, frozen))


def open_(round_: Round, principal: Principal | None, *, now: datetime) -> Round:
    """Open a round when its time has come.

    Errors: ForbiddenError, WrongStateError, RoundNotDueError.
    """
    state = LIFE.perform(round_.state, RoundAction.OPEN, acting_as(principal))
    _require_due(round_.opens_at, now)
    return replace(round_, state=state)


def close(round_: Round, principal: Principal | None, *, units: int, voted: int, now: datetime) -> Round:
    """Close a round when its time ran out, or earlier when every unit has voted.

    Errors: ForbiddenError, WrongStateError, RoundNotDueError.
    """
    state = LIFE.perform(round_.state, RoundAction.CLOSE, acting_as(principal))
    if voted < units:
        _require_due(round_.closes_at, now)
    return replace(round_, state=state)


def move(round_: Round, action: RoundAction, principal: Principal | None = None) -> Round:
    """Tally, confirm, void or annul a round.

    Errors: ForbiddenError, WrongStateError.
    """
    return replace(round_, state=LIFE.perform(round_.state, action, acting_as(principal)))


def require_check_in(round_: Round) -> None:
    """Pass when presence is recorded now.

    Errors: PresenceUnrecordableError.
    """
    if round_.state is not RoundState.OPEN or not round_.rule.asks_for_presence():
        raise PresenceUnrecordableError


def _require_due(due_at: datetime, now: datetime) -> None:
    if now < due_at:
        raise RoundNotDueError(due_at=due_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"))
