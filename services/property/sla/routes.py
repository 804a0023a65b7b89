"""Calendars and promised times over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, status

from services.property.sla import usecases
from services.property.sla.domain import ServiceLevel, SpecialDay, Targets
from services.property.sla.errors import CalendarInvalidError, ServiceLevelInvalidError
from services.property.sla.schemas import (
    CalendarBookRead,
    CalendarRead,
    HoursRead,
    ServiceLevelRead,
    ServiceLevelWrite,
    SpecialDayRead,
    YearRead,
    YearWrite,
)
from services.property.sla.usecases import CalendarBook
from services.property.tickets.domain import TicketPolicy
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.problems import problems

router = APIRouter(prefix="/api/v1/property", tags=["服务承诺"], route_class=CommandRoute)

Year = Annotated[int, Path(ge=2000, le=2100, description="Calendar year.", examples=[2027])]


def _book(book: CalendarBook) -> CalendarBookRead:
    return CalendarBookRead(
        calendars=[
            CalendarRead(
                code=one.code,
                name=one.name,
                week=[[HoursRead.model_validate(span) for span in plan] for plan in one.week],
                observes_holidays=one.observes_holidays,
            )
            for one in book.patterns
        ],
        days=[SpecialDayRead.model_validate(day) for day in book.days],
        years=[
            YearRead(year=year, is_provisional=is_provisional, source=source)
            for year, is_provisional, source in book.years
        ],
    )


@router.get("/calendars", responses=problems(*AUTH_ERRORS))
async def get_calendars(uow: Uow, _principal: CurrentPrincipal) -> CalendarBookRead:
    """Return working calendars, holidays and make-up workdays, and which years are provisional."""
    return _book(await usecases.get_calendars(uow=uow))


@router.put("/calendars/{year}", responses=problems(*AUTH_ERRORS, ForbiddenError, CalendarInvalidError))
async def replace_calendar_year(year: Year, body: YearWrite, uow: Uow, principal: CurrentPrincipal) -> CalendarBookRead:
    """Enter a year as the official notice has it (manager, community administrator); running clocks follow."""
    days = [SpecialDay(day.on_date, day.works_like, day.name) for day in body.days]
    book = await usecases.replace_year(
        uow=uow, principal=principal, year=year, days=days, is_provisional=body.is_provisional, source=body.source
    )
    return _book(book)


@router.get("/service-level", responses=problems(*AUTH_ERRORS))
async def get_service_level(uow: Uow, _principal: CurrentPrincipal) -> ServiceLevelRead:
    """Return what is promised now."""
    return ServiceLevelRead.model_validate((await usecases.get_rules(uow=uow)).level)


@router.post(
    "/service-levels",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, ForbiddenError, ServiceLevelInvalidError),
)
async def adopt_service_level(body: ServiceLevelWrite, uow: Uow, principal: CurrentPrincipal) -> ServiceLevelRead:
    """Adopt the next version of what is promised (manager, community administrator); what has ended keeps its promise."""
    targets = {name: Targets(one.respond_seconds, one.resolve_seconds) for name, one in body.by_priority.items()}
    policy = TicketPolicy(**body.policy.model_dump())
    level = ServiceLevel(version=0, adopted_by=body.adopted_by, by_priority=targets, policy=policy)
    return ServiceLevelRead.model_validate(
        await usecases.adopt_service_level(uow=uow, principal=principal, level=level)
    )
