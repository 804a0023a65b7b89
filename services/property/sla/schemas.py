"""What is said about calendars and promised times over HTTP."""

import datetime as dt

from pydantic import Field

from shared.schemas import Input, Int64, Output, ShortText


class HoursRead(Output):
    """A working interval of a day."""

    start_second: int = Field(description="Seconds since midnight.", examples=[30600])
    end_second: int = Field(description="Seconds since midnight, not included.", examples=[43200])


class CalendarRead(Output):
    """A working calendar."""

    code: str = Field(description="Code.", examples=["office"])
    name: str = Field(description="In words.", examples=["行政班"])
    week: list[list[HoursRead]] = Field(description="Intervals of Monday to Sunday.")
    observes_holidays: bool = Field(description="Whether holidays and make-up workdays apply.", examples=[True])


class SpecialDayWrite(Input):
    """A day that differs from the plain week."""

    on_date: dt.date = Field(description="Local date.", examples=["2026-10-10"])
    works_like: Int64 | None = Field(
        None, ge=0, le=6, description="Weekday whose hours are worked (0 Monday); null is a day off.", examples=[0]
    )
    name: ShortText = Field(description="Why.", examples=["国庆节调休上班"])


class SpecialDayRead(Output):
    """A day that differs from the plain week."""

    on_date: dt.date = Field(description="Local date.", examples=["2026-10-10"])
    works_like: int | None = Field(description="Weekday whose hours are worked; null is a day off.", examples=[0])
    name: str = Field(description="Why.", examples=["国庆节调休上班"])


class YearRead(Output):
    """How well a year is known."""

    year: int = Field(description="Year.", examples=[2026])
    is_provisional: bool = Field(description="No official notice yet: due times may still move.", examples=[False])
    source: str = Field(description="Where its days come from.", examples=["国务院办公厅放假通知"])


class CalendarBookRead(Output):
    """Calendars, special days, years."""

    calendars: list[CalendarRead] = Field(description="Working calendars.")
    days: list[SpecialDayRead] = Field(description="Days off and make-up workdays, earliest first.")
    years: list[YearRead] = Field(description="Years entered.")


class YearWrite(Input):
    """A year as the official notice has it."""

    days: list[SpecialDayWrite] = Field(max_length=366, description="Every day that differs from the plain week.")
    is_provisional: bool = Field(False, description="Whether the notice is still to come.")
    source: ShortText = Field(description="The notice.", examples=["国办发明电〔2026〕7号"])


class TargetsWrite(Input):
    """Promised working seconds."""

    respond_seconds: Int64 = Field(ge=60, le=31_536_000, description="Until somebody answers.", examples=[1800])
    resolve_seconds: Int64 = Field(ge=60, le=31_536_000, description="Until it is done.", examples=[28800])


class PolicyWrite(Input):
    """How long a ticket waits for people."""

    reopen_days: Int64 = Field(15, ge=0, le=365, description="Days after closing in which it can be reopened.")
    longest_hold_days: Int64 = Field(15, ge=1, le=365, description="Longest hold, in days.")
    rating_days: Int64 = Field(7, ge=1, le=90, description="Days after which a silent ticket closes unrated.")
    offer_minutes: Int64 = Field(15, ge=1, le=1_440, description="Minutes a worker has to take a job.")


class PolicyRead(Output):
    """How long a ticket waits for people."""

    reopen_days: int = Field(description="Days after closing in which it can be reopened.", examples=[15])
    longest_hold_days: int = Field(description="Longest hold, in days.", examples=[15])
    rating_days: int = Field(description="Days after which a silent ticket closes unrated.", examples=[7])
    offer_minutes: int = Field(description="Minutes a worker has to take a job.", examples=[15])


class ServiceLevelWrite(Input):
    """The next version of what is promised."""

    adopted_by: ShortText = Field(description="The decision that adopted it.", examples=["2026年居民代表会议第2号决议"])
    by_priority: dict[str, TargetsWrite] = Field(
        max_length=4, description="One entry for each of urgent, high, normal, low."
    )
    policy: PolicyWrite = Field(default_factory=PolicyWrite, description="How long a ticket waits for people.")


class TargetsRead(Output):
    """Promised working seconds."""

    respond_seconds: int = Field(description="Until somebody answers.", examples=[1800])
    resolve_seconds: int = Field(description="Until it is done.", examples=[28800])


class ServiceLevelRead(Output):
    """What is promised."""

    version: int = Field(description="Version.", examples=[1])
    adopted_by: str = Field(description="The decision that adopted it.", examples=["示范社区默认承诺"])
    by_priority: dict[str, TargetsRead] = Field(description="By priority.")
    policy: PolicyRead = Field(description="How long a ticket waits for people.")
