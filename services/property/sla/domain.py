"""Promised times and calendars of a community, as data, with the defaults of the model community."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.property.sla.business_time import ALWAYS, DAY_SECONDS, Calendar, DayPlan, Interval
from services.property.sla.clocks import ClockKind, Promise
from services.property.tickets.domain import TicketPolicy

CALENDAR_OF_DANGER = "always"
HOUR = 3_600
MINUTE = 60


@dataclass(frozen=True, slots=True)
class WeekPattern:
    """A calendar without its dates: the plan of each weekday, and whether public holidays and make-up days apply."""

    code: str
    name: str
    week: tuple[DayPlan, ...]
    observes_holidays: bool


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date that differs from the plain week. `works_like` is the weekday whose hours are worked; None is a day off."""

    on_date: date
    works_like: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Working seconds promised until somebody answers and until it is done."""

    respond_seconds: int
    resolve_seconds: int

    def of(self, kind: ClockKind) -> int:
        """Return the seconds promised on one clock."""
        return self.respond_seconds if kind is ClockKind.RESPOND else self.resolve_seconds


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """One version of what is promised, by priority, and of the days and minutes a ticket waits; names the decision behind it."""

    version: int
    adopted_by: str
    by_priority: Mapping[str, Targets]
    policy: TicketPolicy = field(default_factory=TicketPolicy)

    def targets_for(self, priority: str) -> Targets:
        """Return what is promised for a priority."""
        return self.by_priority[priority]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a clock needs: the promise in force and the calendars with this community's days."""

    revision: UUID
    level: ServiceLevel
    calendars: Mapping[str, Calendar]
    departments: Mapping[str, str]
    quiet: Calendar
    years: frozenset[int]
    """The years of which anything is known, provisional ones included."""

    def calendar_of(self, department: str, *, is_danger: bool) -> str:
        """Return the code of the calendar a department's promises run on; danger to people runs day and night."""
        return CALENDAR_OF_DANGER if is_danger else self.departments.get(department, CALENDAR_OF_DANGER)

    def promise(self, kind: ClockKind, priority: str, calendar: str) -> Promise:
        """Return the promise of one clock; an unknown calendar runs day and night, which never excuses lateness."""
        working = self.calendars.get(calendar, ALWAYS)
        quiet = None if priority == "urgent" else self.quiet
        return Promise(working, self.level.targets_for(priority).of(kind), quiet=quiet)


def _hours(*spans: tuple[int, int]) -> DayPlan:
    return tuple(Interval(start * MINUTE, end * MINUTE) for start, end in spans)


_OFFICE_DAY = _hours((8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30))
_LONG_DAY = _hours((7 * 60 + 30, 12 * 60), (13 * 60 + 30, 20 * 60))

PATTERNS: tuple[WeekPattern, ...] = (
    WeekPattern("office", "行政班：周一至周五，午间休息，节假日放假", (_OFFICE_DAY,) * 5 + ((), ()), True),
    WeekPattern("daily", "每日班：早七点半至晚八点，午间休息，节假日照常", (_LONG_DAY,) * 7, False),
    WeekPattern("always", "全天值守", ((Interval(0, DAY_SECONDS),),) * 7, False),
)
AWAKE = Calendar(week=((Interval(7 * HOUR, 21 * HOUR + 30 * MINUTE),),) * 7)
"""When people may be disturbed about a job that endangers nobody."""

DEFAULT_LEVEL = ServiceLevel(
    version=1,
    adopted_by="示范社区默认承诺",
    by_priority={
        "urgent": Targets(10 * MINUTE, 2 * HOUR),
        "high": Targets(30 * MINUTE, 8 * HOUR),
        "normal": Targets(2 * HOUR, 24 * HOUR),
        "low": Targets(4 * HOUR, 56 * HOUR),
    },
)


def calendar_from(pattern: WeekPattern, days: Iterable[SpecialDay], confirmed_years: frozenset[int]) -> Calendar:
    """Return the calendar of a pattern in a community whose special days are known."""
    if not pattern.observes_holidays:
        return Calendar(week=pattern.week, confirmed_years=confirmed_years)
    known = list(days)
    return Calendar(
        week=pattern.week,
        holidays=frozenset(day.on_date for day in known if day.works_like is None),
        makeup_days={day.on_date: day.works_like for day in known if day.works_like is not None},
        confirmed_years=confirmed_years,
    )
