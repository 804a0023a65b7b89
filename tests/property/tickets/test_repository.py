"""What the database itself holds to: the log is only written, the row is its fold, closed has an outcome."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.property.sla.clocks import ClockKind, read_clock
from services.property.sla.marks import marks_of, passed
from services.property.sla.usecases import get_rules
from services.property.tickets import repository
from services.property.tickets.domain import fold
from tests.property.conftest import Case


async def stored(work_in, case: Case):
    async with work_in("property", case.community.id) as uow:
        ticket_id = UUID(case.ticket["id"])
        record = await repository.find_for_update(uow.session, uow.community_id, ticket_id)
        log = await repository.list_log(uow.session, uow.community_id, ticket_id)
        return record, [line.event for line in log]


async def test_the_row_is_the_fold_of_the_log(case: Case, work_in) -> None:
    """T1, at every step of the happy path."""
    for state in Case.STEPS:
        await case.until(state)
        record, events = await stored(work_in, case)
        assert record.ticket == fold(events), state


async def test_the_row_is_the_fold_after_rework_and_reopening(case: Case, work_in, clock) -> None:
    community = case.community
    await case.until("done_pending_check")
    case.ticket = await community.post(case.resident, f"{case.path}/disputes", {"reason": "still_broken"}, expect=200)
    await case.until("closed")
    clock.advance(timedelta(minutes=50))
    case.ticket = await community.post(case.resident, f"{case.path}/reopenings", {"reason": "broken_again"}, expect=200)

    record, events = await stored(work_in, case)

    assert record.ticket == fold(events)
    assert (record.ticket.attempt, record.ticket.state.value) == (3, "accepted")


async def test_the_stored_clocks_are_what_the_log_says(case: Case, work_in, clock) -> None:
    """T3: due times recomputed from the log and the calendar are the ones the sweep sees."""
    await case.until("working")
    until = (clock.now() + timedelta(days=2)).isoformat()
    clock.advance(timedelta(minutes=10))
    hold = {"reason": "waiting_parts", "until": until}
    await case.community.post(case.worker, f"{case.path}/holds", hold, expect=200)
    clock.advance(timedelta(minutes=20))
    await case.community.post(case.worker, f"{case.path}/resumptions", expect=200)

    _, events = await stored(work_in, case)
    async with work_in("property", case.community.id) as uow:
        rules = await get_rules(uow=uow)
        rows = (await uow.session.execute(text("SELECT * FROM property.ticket_clock"))).mappings().all()

    assert len(rows) == 2
    for row in rows:
        kind = ClockKind(row["kind"])
        marks = passed(marks_of(events, kind)[row["attempt"] - 1], clock.now())
        reading = read_clock(rules.promise(kind, "normal", row["calendar"]), marks, clock.now())
        assert (row["due_at"], row["state"]) == (reading.due_at, reading.state.value)


@pytest.mark.parametrize("table", ["ticket_event", "escalation", "rating"])
@pytest.mark.parametrize("change", ["UPDATE property.{table} SET attempt = 9", "DELETE FROM property.{table}"])
async def test_what_is_written_stays_written(case: Case, apps, table: str, change: str) -> None:
    change = change.format(table=table).replace("SET attempt", "SET seq" if table == "ticket_event" else "SET attempt")

    with pytest.raises(DBAPIError, match="permission denied"):
        async with apps.runtime("property").database.worker.begin() as connection:
            await connection.execute(text(change))


async def test_closed_without_an_outcome_is_refused_by_the_database(case: Case, work_in) -> None:
    """T4 stands in the table too."""
    with pytest.raises(IntegrityError, match="ck_ticket_closed_outcome"):
        async with work_in("property", case.community.id) as uow:
            await uow.session.execute(text("UPDATE property.ticket SET state = 'closed', closed_at = now()"))


async def test_two_active_assignments_are_refused_by_the_database(case: Case, work_in) -> None:
    """T2 stands in the table too."""
    await case.until("offered")
    async with work_in("property", case.community.id) as uow:
        names = (
            await uow.session.execute(
                text(
                    "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) FROM information_schema.columns"
                    " WHERE table_schema = 'property' AND table_name = 'assignment' AND column_name <> 'id'"
                )
            )
        ).scalar_one()
    copy = f"INSERT INTO property.assignment (id, {names}) SELECT gen_random_uuid(), {names} FROM property.assignment"
    with pytest.raises(Exception, match="已派给别的师傅"):
        async with work_in("property", case.community.id) as uow:
            await uow.session.execute(text(copy))


async def test_a_line_changed_behind_the_systems_back_is_named(case: Case, postgres_admin) -> None:
    await case.until("working")
    await postgres_admin(
        "ALTER TABLE property.ticket_event DISABLE TRIGGER USER",
        "UPDATE property.ticket_event SET at = at - interval '1 hour'"
        f" WHERE ticket_id = '{case.ticket['id']}' AND seq = 3",
        "ALTER TABLE property.ticket_event ENABLE TRIGGER USER",
    )

    log = await case.community.get(case.resident, f"{case.path}/events")

    assert (log["is_sound"], log["broken_seq"]) == (False, 3)
