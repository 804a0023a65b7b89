"""A process under whatever people do to it: it never skips a step, and what was done stays done."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.proposals.processes.domain import (
    Completion,
    OpenStep,
    Process,
    ProcessState,
    RuleResult,
    pass_step,
    reject,
    return_step,
)
from services.proposals.processes.errors import (
    EvidenceMissingError,
    OpinionsShortError,
    ReturnTargetError,
    RuleNotMetError,
    StepBackDatedError,
    StepOutOfOrderError,
)
from services.proposals.processes.templates import DEFAULT_TEMPLATES, Evidence

TEMPLATE = DEFAULT_TEMPLATES["four_and_two_representatives"]
CODES = [step.code for step in TEMPLATE.steps]
REFUSALS = (EvidenceMissingError, OpinionsShortError, RuleNotMetError, StepBackDatedError)


class Life(RuleBasedStateMachine):
    """Passes, returns and rejections in any order, with good and bad papers."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        opened = OpenStep(0, 1, self.now)
        self.process = Process(UUID(int=1), UUID(int=2), "h", TEMPLATE, ProcessState.RUNNING, opened)
        self.attempts = {(0, 1)}
        self.passed: list[tuple[int, int]] = []

    def is_running(self) -> bool:
        return self.process.state is ProcessState.RUNNING

    def here(self) -> OpenStep:
        assert self.process.open_step is not None
        return self.process.open_step

    def move(self, after: Process) -> None:
        self.process = after
        if after.open_step is not None:
            place = (after.open_step.position, after.open_step.attempt)
            assert place not in self.attempts, "an attempt is made once"
            self.attempts.add(place)

    @precondition(is_running)
    @rule(
        tried=st.sampled_from(CODES),
        evidence=st.sets(st.sampled_from(Evidence)),
        heard=st.integers(0, 10),
        passes=st.booleans(),
        minutes=st.integers(-5, 5),
    )
    def lay_papers(self, tried: str, evidence: set[Evidence], heard: int, passes: bool, minutes: int) -> None:
        """Try to pass some step with some papers."""
        self.now += timedelta(minutes=3)
        before, step = self.here(), TEMPLATE.steps[TEMPLATE.position(tried)]
        held_at = before.opened_at + timedelta(minutes=minutes)
        papers = Completion(held_at, evidence, heard, 10, RuleResult(True, passes, "") if step.rule else None)
        good = (
            tried == CODES[before.position]
            and before.opened_at <= held_at <= self.now
            and set(step.evidence) <= evidence
            and (step.opinions_share is None or heard >= 5)
            and (step.rule is None or passes)
        )
        try:
            after = pass_step(self.process, None, tried, papers, now=self.now)
        except StepOutOfOrderError:
            assert tried != CODES[before.position]
            return
        except REFUSALS:
            assert not good
            return
        assert good
        self.passed.append((before.position, before.attempt))
        self.move(after)

    @precondition(is_running)
    @rule()
    def pass_properly(self) -> None:
        """Pass the open step with everything in order."""
        self.now += timedelta(minutes=3)
        before, step = self.here(), self.process.current()
        papers = Completion(self.now, set(step.evidence), 5, 10, RuleResult(True, True, "") if step.rule else None)
        self.passed.append((before.position, before.attempt))
        self.move(pass_step(self.process, None, step.code, papers, now=self.now))

    @precondition(is_running)
    @rule(to=st.sampled_from(CODES))
    def send_back(self, to: str) -> None:
        """Try to send the open step back."""
        self.now += timedelta(minutes=3)
        position, here, decides_at = TEMPLATE.position(to), self.here(), TEMPLATE.position(TEMPLATE.decides_at)
        try:
            after = return_step(self.process, None, CODES[here.position], to=to, reason="重来", now=self.now)
        except ReturnTargetError:
            assert position >= here.position or position <= decides_at < here.position
            return
        assert position < here.position
        self.move(after)

    @precondition(lambda self: self.is_running() and self.here().attempt > 2)
    @rule()
    def give_up(self) -> None:
        """Reject after some attempts, so that most runs get far."""
        self.process = reject(self.process, None, CODES[self.here().position], reason="不办了")

    @precondition(lambda self: not self.is_running())
    @rule(tried=st.sampled_from(CODES))
    def come_too_late(self, tried: str) -> None:
        """Try anything after the end."""
        papers = Completion(self.now, set(Evidence), 10, 10, RuleResult(True, True, ""))
        with pytest.raises(StepOutOfOrderError):
            pass_step(self.process, None, tried, papers, now=self.now)
        with pytest.raises(StepOutOfOrderError):
            return_step(self.process, None, tried, to=None, reason="重来", now=self.now)

    @invariant()
    def no_step_was_skipped(self) -> None:
        """Whatever is open, every step before it was passed, last of all the one just before."""
        if self.process.open_step is not None:
            reached = {position for position, _ in self.passed}
            assert set(range(self.here().position)) <= reached
        if self.process.state is ProcessState.COMPLETED:
            assert {position for position, _ in self.passed} == set(range(len(CODES)))

    @invariant()
    def an_ended_process_has_no_open_step(self) -> None:
        assert (self.process.open_step is None) == (self.process.state is not ProcessState.RUNNING)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
