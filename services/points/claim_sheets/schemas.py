"""What the claim sheets' API takes and says."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from services.points.claim_sheets.domain import State
from shared.schemas import Output


class ProgressRead(Output):
    """How far the worker has come."""

    phase: str = Field(description="reading, checking, writing, checked or applied.", examples=["checking"])
    done: int = Field(description="Steps behind it.", examples=[1200])
    total: int = Field(description="Steps of this phase.", examples=[4152])


class ClaimSheetRead(Output):
    """A sheet of assessment results."""

    id: UUID = Field(description="The sheet.")
    name: str = Field(description="What it is called.", examples=["2026年5—6月双月考评"])
    assessed_on: date = Field(description="Day of the assessment.")
    state: State = Field(description="uploaded, checked, refused, applying, applied or discarded.")
    is_stuck: bool = Field(description="Whether the worker failed three times and a person must look.")
    file_name: str = Field(description="Name of the file.")
    file_bytes: int = Field(description="Its size.")
    uploaded_by: UUID = Field(description="Account that uploaded it.")
    uploaded_at: datetime = Field(description="When, UTC.")
    checked_at: datetime | None = Field(description="When it was checked, UTC.")
    finished_at: datetime | None = Field(description="When it was entered, refused or discarded, UTC.")
    rulebook_version: int | None = Field(description="Version it was checked and entered under.")
    row_count: int = Field(description="Lines of the sheet.", examples=[4152])
    problem_count: int = Field(description="Problems found; with any, nothing is entered.", examples=[0])
    plus_points: int = Field(description="Points it gives.", examples=[41_520])
    minus_points: int = Field(description="Points it takes away.", examples=[120])
    refusal_code: str | None = Field(description="Why it was refused as a whole.")
    refusal_detail: str | None = Field(description="The same in words.")
    progress: ProgressRead | None = Field(description="How far the worker has come.")
    lines: dict[str, int] = Field(description="Entered lines by state.", examples=[{"publicised": 4152}])


class SheetProblemRead(Output):
    """One thing that is wrong with a sheet."""

    number: int = Field(description="Place in the report.")
    row: int | None = Field(description="Row of the sheet.", examples=[17])
    column: str | None = Field(description="Column of the sheet.", examples=["户号"])
    value: str = Field(description="What stands there.", examples=["QLQ-99999"])
    advice: str = Field(description="What to do.", examples=["花名册里没有这个户号，请核对"])
