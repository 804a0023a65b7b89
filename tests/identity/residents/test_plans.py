"""Who left is looked for by an index, and the household left last is the one that is found."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, text, update

from services.identity.residents import usecases
from services.identity.residents.repository import RESIDENT
from shared.ids import new_id
from shared.testing.clients import Apps, People
from shared.testing.factories import WorkIn
from tests.identity.conftest import Person, SettleIn

GONE = Person("王小明", status="left")
MANY = """
    INSERT INTO identity.resident SELECT (jsonb_populate_record(one, jsonb_build_object(
            'id', gen_random_uuid(), 'identity_number', 'sealed', 'identity_index', '\\x' || md5(number::text)
        ))).*
    FROM identity.resident AS one CROSS JOIN generate_series(1, 3000) AS number WHERE one.id = :id
"""


async def test_who_left_is_found_by_an_index(apps: Apps, people: People, settle: SettleIn, work_in: WorkIn) -> None:
    home = await settle(people.community_id, GONE)
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "identity.resident" in statement:
            sent.append((statement, parameters))

    engine = apps.runtime("identity").database.app.sync_engine
    async with work_in("identity", people.community_id) as uow:
        # Many who left, so that reading a whole community costs more than asking for one person; nobody else sees them.
        await uow.session.execute(text(MANY), {"id": home.resident_ids[0]})
        event.listen(engine, "before_cursor_execute", note)
        try:
            await usecases.find_last_homes(uow=uow, identity_indexes=[b"somebody"])
        finally:
            event.remove(engine, "before_cursor_execute", note)
        ((statement, parameters),) = sent
        for way in ("seqscan", "bitmapscan"):
            await uow.session.execute(text(f"SET LOCAL enable_{way} = off"))
        driver = await uow.session.connection()
        lines = "\n".join(row[0] for row in await driver.exec_driver_sql(f"EXPLAIN {statement}", parameters))
        await uow.session.rollback()

    assert "using ix_resident_former_identity" in lines, lines
    (condition,) = [line for line in lines.splitlines() if "Index Cond" in line]
    assert "community_id" in condition, lines
    assert "identity_index = ANY" in condition, lines


async def test_the_household_left_last_is_found(people: People, settle: SettleIn, work_in: WorkIn) -> None:
    first, last, other = [await settle(people.community_id, GONE) for _ in range(3)]
    active = await settle(people.community_id, Person("王小明"))
    him, her = new_id().bytes, new_id().bytes
    async with work_in("identity", people.community_id) as uow:
        for home, identity, days in ((last, him, 9), (first, him, 2), (other, her, 5), (active, new_id().bytes, 1)):
            await uow.session.execute(
                update(RESIDENT)
                .where(RESIDENT.c.id == home.resident_ids[0])
                .values(identity_number="sealed", identity_index=identity, left_at=uow.now + timedelta(days=days))
            )
    async with work_in("identity", people.community_id) as uow:
        found = await usecases.find_last_homes(uow=uow, identity_indexes=[him, her, b"nobody"])
    assert found == {him: last.household_id, her: other.household_id}
