"""A period closed while somebody enters something for it: one of the two waits, and then sees what the other did."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import Asset, TransferKind
from services.points.periods import usecases as periods
from services.points.periods.errors import PeriodClosedError
from shared.ids import new_id
from shared.kernel.clock import local_date
from shared.kernel.principal import Role
from shared.kernel.values import Points
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit
from tests.points.store_kit import StoreKit, redeem


async def waits_for_a_lock(apps: Apps, task: "asyncio.Task[Any]") -> None:
    """Return when somebody waits for the gate of a community; fail when the task ends without having to."""
    async with apps.runtime("points").database.worker.connect() as connection:
        for _ in range(500):
            assert not task.done(), "it did not wait"
            waiting = await connection.execute(
                text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            )
            if waiting.scalar_one():
                return
            await asyncio.sleep(0.01)
    pytest.fail("nobody waits")


@asynccontextmanager
async def entering(work_in: WorkIn, people: People, household: UUID, kit: RoundKit) -> Any:
    """Post a claim of the first round's days and keep its transaction open meanwhile."""
    during = kit.clock.now() - timedelta(days=60)
    async with work_in("points", people.community_id) as uow:
        await periods.require_open(uow=uow, on=local_date(during))
        await ledger.credit_household(
            uow=uow,
            household_id=household,
            asset=Asset.STANDING,
            amount=Points(7),
            kind=TransferKind.CLAIM,
            source_id=new_id(),
            summary="巡逻",
            event_at=during,
        )
        yield


async def test_a_publication_waits_for_a_claim_on_its_way(
    kit: RoundKit, people: People, apps: Apps, work_in: WorkIn, open_household: OpenHousehold
) -> None:
    household = await open_household()
    path = await kit.open()
    await kit.review(path)
    async with entering(work_in, people, household, kit):
        publication = asyncio.create_task(kit.organiser.post(f"{path}/publications"))
        await waits_for_a_lock(apps, publication)
    assert (await publication).status_code == 200

    own = await total_standing(work_in, people, path, household)
    assert own == 107, "what was on its way is in the totals"


async def test_a_claim_waits_for_a_publication_on_its_way_and_is_refused(
    kit: RoundKit, people: People, apps: Apps, work_in: WorkIn, open_household: OpenHousehold
) -> None:
    household = await open_household()
    path = await kit.open()
    await kit.review(path)
    organiser = kit.organiser_account

    async def enter() -> None:
        async with entering(work_in, people, household, kit):
            pass

    async with work_in("points", people.community_id) as uow:
        await periods.publicise_period(uow=uow, principal=organiser, period_id=UUID(path.rpartition("/")[2]))
        entry = asyncio.create_task(enter())
        await waits_for_a_lock(apps, entry)
    with pytest.raises(PeriodClosedError):
        await entry

    assert await total_standing(work_in, people, path, household) == 100


async def test_sealing_holds_nobody_up_who_spends(
    kit: RoundKit, people: People, client_for: ClientFor, work_in: WorkIn, open_household: OpenHousehold
) -> None:
    household = await open_household()
    path = await kit.open()
    published = await kit.publicise(path)
    kit.clock.advance(timedelta(days=int(published["notice_days"]) + 1))
    store = StoreKit(client_for, people)
    product = await store.stock(price=10)

    async with work_in("points", people.community_id) as uow:
        sealed = await periods.seal_period(uow=uow, principal=None, period_id=UUID(path.rpartition("/")[2]))
        bought = await asyncio.wait_for(redeem(store.household(household), product), 5)
        assert bought.status_code == 201, bought.text
    assert sealed.root is not None
    assert (await kit.organiser.get(path)).json()["root"] == sealed.root


async def test_sealed_while_entries_are_written(
    kit: RoundKit, people: People, work_in: WorkIn, open_household: OpenHousehold
) -> None:
    """Many entries, some for the closing round and some for today, around its publication and seal: none is lost, none slips in."""
    households = [await open_household() for _ in range(12)]
    path = await kit.open()
    await kit.review(path)
    today = kit.clock.now()

    async def enter(household: UUID, at: Any) -> bool:
        try:
            await kit.credit(household, 3, at=at, assets=(Asset.STANDING,))
        except PeriodClosedError:
            return False
        return True

    attempts = [(h, at) for h in households for at in (today - timedelta(days=40), None)]
    outcomes, published = await asyncio.gather(
        asyncio.gather(*(enter(*attempt) for attempt in attempts)), kit.organiser.post(f"{path}/publications")
    )
    assert published.status_code == 200, published.text
    kit.clock.advance(timedelta(days=10))
    late, sealed = await asyncio.gather(
        asyncio.gather(*(enter(*attempt) for attempt in attempts)), kit.supervisor.post(f"{path}/seals")
    )

    assert sealed.json()["state"] == "sealed", sealed.text
    entered = dict(zip(attempts, outcomes, strict=True))
    for household in households:
        in_time = 3 * entered[household, today - timedelta(days=40)]
        assert entered[household, None], "what happens today is never refused"
        assert await total_standing(work_in, people, path, household) == 100 + in_time
    assert late == [at is None for _, at in attempts]


async def test_an_objection_racing_the_seal_stops_it_or_is_refused(
    kit: RoundKit, people: People, client_for: ClientFor, open_household: OpenHousehold
) -> None:
    household = await open_household()
    path = await kit.open()
    published = await kit.publicise(path)
    kit.clock.set(datetime.fromisoformat(published["objections_until"]) - timedelta(seconds=1))
    supervisor = kit.supervisor
    resident = client_for("points", people.resident(household, Role.HOUSEHOLDER))

    async def seal() -> Any:
        kit.clock.advance(timedelta(seconds=1))
        return await supervisor.post(f"{path}/seals")

    objected, sealed = await asyncio.gather(resident.post(f"{path}/objections", json={"reason": "漏记"}), seal())

    if objected.is_success:
        assert sealed.json()["code"] == "points.period_objections_open"
    else:
        assert sealed.json()["state"] == "sealed"
        assert objected.json()["code"] in {"points.period_objection_late", "wrong_state"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points.period SET state = 'collecting'",
        "UPDATE points.period SET root = 'x'",
        "UPDATE points.period SET ends_on = ends_on + 1",
        "DELETE FROM points.period",
    ],
)
async def test_a_sealed_period_never_changes(kit: RoundKit, people: People, work_in: WorkIn, change: str) -> None:
    await kit.seal(await kit.open())

    with pytest.raises(DBAPIError):
        async with work_in("points", people.community_id) as uow:
            await uow.session.execute(text(change))


async def test_a_transfer_dated_back_into_a_sealed_period_is_refused_by_the_database(
    kit: RoundKit, open_household: OpenHousehold
) -> None:
    household = await open_household()
    before = kit.clock.now()
    await kit.seal(await kit.open())

    with pytest.raises(PeriodClosedError):
        await kit.credit(household, 5, at=before)


async def test_a_totals_change_after_publication_is_found_before_the_seal(
    kit: RoundKit, people: People, work_in: WorkIn, open_household: OpenHousehold, sweep: Any
) -> None:
    """Should something slip past the gate all the same, the seal compares and the round hangs out anew."""
    household = await open_household()
    path = await kit.open()
    before = kit.clock.now()
    await kit.publicise(path)
    # A clock one step behind takes its own moment for now, and the gate is not asked about what happens now.
    kit_now = kit.clock.now()
    kit.clock.set(before)
    await kit.credit(household, 5)
    kit.clock.set(kit_now + timedelta(days=10))

    refused = await kit.supervisor.post(f"{path}/seals")
    assert (refused.status_code, refused.json()["code"], refused.json()["count"]) == (
        409,
        "points.period_totals_changed",
        1,
    )
    await sweep("points", "seal_periods")
    back = (await kit.organiser.get(path)).json()
    assert back["state"] == "collecting"
    assert "1 户" in back["reason"]


async def total_standing(work_in: WorkIn, people: People, path: str, household: UUID) -> int:
    """Return a household's closing balance of standing as the round's last edition says."""
    async with work_in("points", people.community_id) as uow:
        found = await uow.session.execute(
            text(
                "SELECT standing_closing FROM points.statement_total WHERE period_id = :p AND subject_id = :h"
                " ORDER BY edition DESC LIMIT 1"
            ),
            {"p": UUID(path.rpartition("/")[2]), "h": household},
        )
        return int(found.scalar_one())
