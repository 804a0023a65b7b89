"""What is said about sending somebody over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.schemas import Input, LongText, Output


class DispatchCreate(Input):
    """Whom to send."""

    worker_id: UUID = Field(description="A candidate of the ranking; not necessarily the first.")
    note: LongText | None = Field(None, description="A word to the worker.", examples=["带上梯子"])


class RecallCreate(Input):
    """Why the worker is called off."""

    reason: LongText = Field(description="For the log.", examples=["师傅临时请假"])


class DeclineCreate(Input):
    """Why the worker gives the job back."""

    reason: LongText = Field(description="For the dispatcher.", examples=["手头有急修，走不开"])


class ReasonRead(Output):
    """One term of a candidate's cost."""

    term: str = Field(
        description="deadline_risk, distance, load, fairness, rare_skill or continuity.", examples=["load"]
    )
    name: str = Field(description="In words.", examples=["手头的活"])
    quantity: int = Field(description="Minutes, jobs or steps it came from.", examples=[40])
    cost: int = Field(description="What it adds; negative is good.", examples=[40])


class CandidateRead(Output):
    """Somebody who can be sent."""

    rank: int = Field(description="1 is the cheapest.", examples=[1])
    worker_id: UUID = Field(description="Worker.")
    name: str = Field(description="Name.", examples=["李师傅"])
    load_minutes: int = Field(description="Expected minutes of the jobs in hand.", examples=[40])
    cost: int = Field(description="Sum of the reasons.", examples=[45])
    reasons: list[ReasonRead] = Field(description="Why that much.")


class ExcludedRead(Output):
    """Somebody who cannot be sent."""

    worker_id: UUID = Field(description="Worker.")
    name: str = Field(description="Name.", examples=["赵师傅"])
    obstacles: list[str] = Field(description="Every reason by code.", examples=[["on_leave"]])
    reasons: list[str] = Field(description="The same in words.", examples=[["请假"]])


class RankingRead(Output):
    """Who can be sent, best first, and who cannot and why."""

    candidates: list[CandidateRead] = Field(description="Best first.")
    excluded: list[ExcludedRead] = Field(description="Not eligible, with every reason.")
    weights_version: int = Field(description="Version of the weights.", examples=[1])


class DispatchRead(Output):
    """Somebody sent, with the ranking as it was then."""

    id: UUID = Field(description="Assignment.")
    attempt: int = Field(description="Attempt of the ticket.", examples=[1])
    worker_id: UUID = Field(description="Worker.")
    worker_name: str = Field(description="Name.", examples=["李师傅"])
    state: str = Field(description="offered, taken, declined, lapsed, recalled, withdrawn or done.", examples=["taken"])
    offered_at: datetime = Field(description="When the job was offered.")
    accept_by: datetime = Field(description="When the offer lapses.")
    taken_at: datetime | None = Field(description="When it was taken.")
    ended_at: datetime | None = Field(description="When it ended; null while active.")
    rank: int = Field(description="Place in the ranking at that time.", examples=[2])
    cost: int = Field(description="Cost at that time.", examples=[45])
    reasons: list[ReasonRead] = Field(description="Why that much.")
    weights_version: int = Field(description="Version of the weights.", examples=[1])
