"""What callers send and see of roster imports."""

from uuid import UUID

from pydantic import Field

from services.identity.rosters.planning import Removals
from shared.schemas import Input, Moment, Output


class ColumnRead(Output):
    sheet: str = Field(description="Sheet the column is on.", examples=["居民"])
    title: str = Field(description="Heading.", examples=["户编号"])
    aliases: list[str] = Field(description="Other headings that are understood.", examples=[["户号"]])
    is_required: bool = Field(description="Whether every row needs a value.")
    help: str = Field(description="What to fill in.", examples=["属于哪一户，要在“户”表里有"])
    example: str = Field(description="An example; may be empty.", examples=["H0001"])


class ProgressRead(Output):
    phase: str = Field(description="What is being done.", examples=["writing_residents"])
    done: int = Field(description="Steps or rows done in this phase.", examples=[1])
    total: int = Field(description="Steps or rows of this phase.", examples=[4])


class ChangeCounts(Output):
    added: int = Field(description="How many would be added.", examples=[14892])
    changed: int = Field(description="How many would change.", examples=[0])
    removed: int = Field(description="How many the roster no longer names.", examples=[0])


class RosterImportRead(Output):
    id: UUID = Field(description="Id of the import.")
    state: str = Field(
        description="uploaded, checked, refused, applying, applied, outdated or discarded.", examples=["checked"]
    )
    is_stuck: bool = Field(description="Whether the worker failed three times; upload the file again or ask for help.")
    file_name: str = Field(description="Name of the file.", examples=["青龙泉社区花名册.xlsx"])
    file_bytes: int = Field(description="Size of the file in bytes.", examples=[734003])
    uploaded_at: Moment
    checked_at: Moment | None
    finished_at: Moment | None
    row_counts: dict[str, int] = Field(description="Well-formed rows of each sheet.", examples=[{"居民": 14892}])
    problem_count: int = Field(description="Problems that must be mended before anything is imported.", examples=[0])
    changes: dict[str, ChangeCounts] = Field(description="What applying would do, by kind.")
    removals: Removals | None = Field(description="What becomes of things the roster no longer names.")
    refusal_code: str | None = Field(description="Code of the refusal, if the file as a whole was refused.")
    refusal_detail: str | None = Field(description="The refusal in plain Chinese.")
    progress: ProgressRead | None = Field(description="How far the work has come.")
    cards_waiting: int | None = Field(
        default=None,
        description="Household cards whose codes were not taken yet; only when one import is read.",
        examples=[4152],
    )


class RosterProblemRead(Output):
    number: int = Field(description="Number of the line.", examples=[1])
    sheet: str = Field(description="Sheet.", examples=["居民"])
    row: int | None = Field(
        description="Row as numbered at its left edge; null when the sheet itself is wrong.", examples=[17]
    )
    column: str | None = Field(description="Heading of the column.", examples=["身份证号"])
    value: str = Field(description="What stands there; personal values are masked.", examples=["000*******0011"])
    advice: str = Field(
        description="What is wrong and what to do.", examples=["身份证号应是 18 位（最后一位可以是 X）"]
    )
    is_blocking: bool = Field(description="Whether it keeps the roster from being imported.")


class RosterChangeRead(Output):
    number: int = Field(description="Number of the line.", examples=[1])
    kind: str = Field(description="grids, buildings, units, households or residents.", examples=["residents"])
    change: str = Field(description="added, changed or removed.", examples=["changed"])
    label: str = Field(description="What it concerns; names are masked.", examples=["H0001 张*"])
    fields: list[str] = Field(description="Fields that differ.", examples=[["phone_index"]])


class RosterApplicationCreate(Input):
    removals: Removals = Field(
        default=Removals.KEEP,
        description="apply: people, households and places the roster no longer names are closed; keep: they stay.",
        examples=["keep"],
    )


class CardRead(Output):
    household_number: str = Field(description="户编号.", examples=["H0001"])
    code: str = Field(
        description="One-time code for the household card, in groups of four.", examples=["1234 5678 9012"]
    )


class CardListRead(Output):
    cards: list[CardRead] = Field(description="One card per newly registered household.")
