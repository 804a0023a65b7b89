"""The base every input and output schema stands on, and the field types they share."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs without line breaks and tabs."""


def _refuse_control_characters(value: Any) -> Any:
    if isinstance(value, str):
        if _CONTROL.search(value):
            msg = "含有不能保存的控制字符，请删去后再提交。"
            raise ValueError(msg)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_control_characters(key)
            _refuse_control_characters(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_control_characters(inner)
    return value


FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

V = TypeVar("V")


def sane_time(value: V) -> V:
    """Return a value; a date must lie in the years people live in, and a moment must say its time zone as well.

    Days are added to dates and time zones taken off moments everywhere: at the edges of the calendar both fail.
    """
    if isinstance(value, date):
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise PydanticCustomError(
                "year_out_of_range", "应在 {first} 年到 {last} 年之间。", {"first": FIRST_YEAR, "last": LAST_YEAR}
            )
        if isinstance(value, datetime) and value.tzinfo is None:
            raise PydanticCustomError("timezone_aware", "Input should have timezone info")
    return value


class Input(BaseModel):
    """What a caller sends.

    Unknown members are refused, text is trimmed, control characters never reach the database, dates lie in 1900 to 2199.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _only_printable(cls, data: Any) -> Any:
        return _refuse_control_characters(data)

    @field_validator("*")
    @classmethod
    def _only_our_times(cls, value: V) -> V:
        return sane_time(value)


class Output(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _refuse_bool(value: Any) -> Any:
    # Python counts True as 1; a form that sends true for a quantity is wrong.
    if isinstance(value, bool):
        msg = "这里应填写整数。"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError, not TypeError, into a field error.
    return value


Int64 = Annotated[int, BeforeValidator(_refuse_bool), Field(strict=True, ge=-(2**63), lt=2**63)]
"""A whole number the database can hold; text and fractions are refused."""

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=100)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Day = Annotated[date, AfterValidator(sane_time)]
"""A date in an address or a form."""


def _in_utc(moment: datetime) -> datetime:
    return sane_time(moment).astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment with its time zone, turned into UTC."""
Moment = Annotated[datetime, Field(description="RFC 3339, UTC.", examples=["2026-05-01T08:00:00Z"])]


class ActionList(Output):
    """What the caller could do with a thing now."""

    state: str = Field(description="Present state.", examples=["reserved"])
    actions: list[str] = Field(description="Actions this caller may take now.", examples=[["cancel"]])
