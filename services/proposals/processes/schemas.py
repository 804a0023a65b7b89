"""What the API of processes says."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from services.proposals.processes.domain import ProcessState, StepState
from services.proposals.processes.templates import DayKind, Evidence, StepKind
from shared.schemas import Input, LongText, Output


class ProcessStart(Input):
    """A process to start."""

    proposal_id: UUID = Field(description="The endorsed proposal.")
    rules_signed_off_by: str = Field(
        "",
        max_length=100,
        description="Officer who signs for rules not checked against the law in force.",
        examples=["王主任"],
    )


class EvidenceCreate(Input):
    """Evidence for the open step."""

    kind: Evidence = Field(description="What it is.", examples=["township_sign_off"])
    note: LongText = Field(description="What it says.", examples=["街道同意召开居民会议"])
    media_ids: list[UUID] = Field(default_factory=list, max_length=20, description="Ids of uploaded scans or photos.")


class StepReturn(Input):
    """Why a step goes back."""

    to: str | None = Field(None, max_length=100, description="Code of the earlier step; null returns to the author.")
    reason: LongText = Field(description="Why; everybody reads it.", examples=["费用测算不清楚，请重新商议"])


class StepRejection(Input):
    """Why a process ends without a decision."""

    reason: LongText = Field(description="Why; everybody reads it.", examples=["表决没有达到三分之二参与"])


class StepCompletion(Input):
    """What closes a step: its meeting or its round."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"round_id": "01985b8e-7d2a-7c31-9f60-3a1d5a0e4c11"}]})

    meeting_id: UUID | None = Field(None, description="The closed meeting, for a step done at a meeting.")
    round_id: UUID | None = Field(None, description="The tallied round, for a step done by ballots.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.meeting_id is None) == (self.round_id is None):
            msg = "请填写会议编号或表决编号中的一个。"
            raise ValueError(msg)
        return self


class TemplateStepRead(Output):
    """A step of a template."""

    code: str = Field(description="Code of the step.", examples=["residents_decide"])
    title: str = Field(description="What people call it.", examples=["居民会议决议"])
    kind: StepKind = Field(description="meeting, round or notice.", examples=["round"])
    actors: list[str] = Field(description="Roles that run it.")
    evidence: list[Evidence] = Field(description="What must lie in the file before it closes.")
    rule: str | None = Field(description="Preset rule that decides, null for notices.", examples=["owners_ordinary"])
    notice_days: int = Field(description="Least days of the notice.", examples=[7])
    day_kind: DayKind = Field(description="calendar or working.", examples=["calendar"])


class TemplateRead(Output):
    """A way of deciding, as data."""

    code: str = Field(description="Code of the template.", examples=["four_and_two_owners"])
    version: int = Field(description="Version.", examples=[1])
    title: str = Field(description="What people call it.")
    source: str = Field(description="Where it comes from.")
    steps: list[TemplateStepRead] = Field(description="The steps in order.")
    decides_at: str = Field(description="The step whose end makes the decision final.")


class EvidenceRead(Output):
    """A filed piece of evidence."""

    id: UUID = Field(description="The piece.")
    kind: Evidence = Field(description="What it is.")
    note: str = Field(description="What it says.")
    media_ids: list[UUID] = Field(description="Ids of media files.")
    position: int = Field(description="Step it was filed for, from 0.")
    attempt: int = Field(description="Attempt it was filed for, from 1.")
    filed_by_name: str = Field(description="Masked name.")
    filed_at: datetime = Field(description="When, UTC.")


class StepRead(Output):
    """One attempt at one step."""

    position: int = Field(description="Place in the template, from 0.")
    attempt: int = Field(description="From 1; more after a return.")
    code: str = Field(description="Code of the step.", examples=["branch_proposes"])
    title: str = Field(description="What people call it.", examples=["党支部提议"])
    state: StepState = Field(description="open, passed, returned or rejected.")
    subject_id: UUID | None = Field(description="The meeting, round or notice that closed it.")
    summary: str = Field(description="How the rule was met, in Chinese.")
    reason: str = Field(description="Why it was returned or rejected.")
    opened_at: datetime = Field(description="When it was opened, UTC.")
    held_at: datetime | None = Field(description="When the meeting, tally or end of notice took place, UTC.")
    closed_at: datetime | None = Field(description="When it was closed, UTC.")


class ProcessSummary(Output):
    """A process in a list."""

    id: UUID = Field(description="The process.")
    proposal_id: UUID = Field(description="The proposal it decides.")
    text_hash: str = Field(description="The text it decides.")
    state: ProcessState = Field(description="running, completed, rejected or returned.")
    open_step: str | None = Field(description="Code of the open step, null at the end.", examples=["branch_proposes"])
    open_step_title: str | None = Field(description="What people call it.", examples=["党支部提议"])
    end_reason: str = Field(description="Why it ended without a decision.")
    started_at: datetime = Field(description="When it started, UTC.")
    ended_at: datetime | None = Field(description="When it ended, UTC.")


class ProcessRead(ProcessSummary):
    """A process with its file."""

    template: dict[str, Any] = Field(description="The template it runs by, whole.")
    rules_signed_off_by: str = Field(description="Officer who signed for unverified rules.")
    missing_evidence: list[Evidence] = Field(description="What the open step still lacks.")
    steps: list[StepRead] = Field(description="Every attempt at every step, oldest first.")
    evidence: list[EvidenceRead] = Field(description="Everything filed, oldest first.")
