"""The loader brings a whole community to life over HTTP, and a second loading leaves it as it is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from launcher.demo.client import ApiClient
from launcher.demo.community import GRIDS, model_community
from launcher.demo.goods import GOODS
from launcher.demo.load import AdminSecrets, DemoCommunity, LoadFailedError, load
from launcher.demo.rulebook import ITEMS
from launcher.demo.staff import PROPERTY_STAFF, StaffMember, is_property_staff, model_staff
from services.identity.bootstrap import FirstCommunity, bootstrap, keep_passwords
from services.identity.communities.domain import Level
from services.identity.worker import renew_signing_key
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.outbox import Envelope
from shared.sweeps import run_sweep
from shared.tasks import end_tasks
from shared.testing.clients import TEST_INDEX_KEY, TEST_KEYS
from tests.identity.rosters.kit import Book

SERVICES = ("identity", "media", "points", "property")


class Door(httpx2.AsyncBaseTransport):
    """Passes a request on to the service its path names, as the gateway does."""

    def __init__(self, apps: dict[str, Any]) -> None:
        self._apps = {name: httpx2.ASGITransport(app=app) for name, app in apps.items()}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._apps[request.url.path.split("/")[3]].handle_async_request(request)


@dataclass
class System:
    """Three services whose tokens identity signs, and identity's worker."""

    door: Door
    runtimes: dict[str, Any]
    clock: FixedClock

    async def open_community(self) -> AdminSecrets:
        """Make a community with its first administrator, as the launcher does."""
        first = FirstCommunity(
            code=f"demo{new_id().hex}",
            name="青龙泉社区",
            township=Level("T1", "城关街道"),
            district=Level("D1", "示范区"),
            admin_user_name=f"admin.{new_id().hex[-12:]}",
        )
        made = await bootstrap(self.runtimes["identity"], first)
        await keep_passwords(self.runtimes["identity"], made.community_id)
        told = made.administrator
        assert told is not None
        return AdminSecrets(told.user_name, told.password, told.totp_secret)

    async def load(self, admin: AdminSecrets, **more: Any) -> DemoCommunity:
        more = {"transport": self.door, "now": self.clock.now} | more
        loaded = await load("http://door.test", admin, **more)
        await keep_passwords(self.runtimes["identity"], UUID(loaded.community_id))
        return loaded


@pytest.fixture(scope="module")
async def system(database_url: str, redis_url: str, clock: FixedClock) -> AsyncIterator[System]:
    apps: dict[str, Any] = {}

    async def fetch_jwks() -> dict[str, Any]:
        keys: dict[str, Any] = await apps["identity"].state.signer.key_set()
        return keys

    runtimes = {}
    for name in SERVICES:
        settings = import_module(f"services.{name}.settings").Settings(
            environment="development",
            database_url=database_url,
            redis_url=redis_url,
            field_keys=TEST_KEYS,
            index_key=TEST_INDEX_KEY,
            log_level="ERROR",
        )
        main = import_module(f"services.{name}.main")
        runtimes[name] = main.build_runtime(settings, clock=clock, fetch_jwks=fetch_jwks)
        apps[name] = main.create_app(runtimes[name])
    identity = runtimes["identity"]
    await renew_signing_key(identity)
    sweep = import_module("services.identity.rosters.usecases").sweeps(identity)[0]
    workers = [
        asyncio.create_task(run_sweep(identity.database, clock, sweep, every_seconds=0.1)),
        asyncio.create_task(tell_points_of_files(runtimes)),
    ]
    yield System(Door(apps), runtimes, clock)
    await end_tasks(workers)
    for runtime in runtimes.values():
        await runtime.close()


async def tell_points_of_files(runtimes: dict[str, Any]) -> None:
    """Let points hear which files media passed, and nothing else of what is said meanwhile."""
    worker = import_module("services.points.worker").create_worker(runtimes["points"])
    passed = text(
        "SELECT community_id, id, type, version, key, payload, trace, occurred_at FROM media.outbox"
        " WHERE type = 'media.asset_passed' ORDER BY seq DESC LIMIT 10"
    )
    while True:
        async with runtimes["media"].database.worker.connect() as connection:
            told = [Envelope(**row._mapping) for row in await connection.execute(passed)]
        for envelope in told:
            event = envelope.open()
            await worker.consumer.apply(envelope, event, worker.handlers[type(event)])
        await asyncio.sleep(0.1)


class Told:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.steps: dict[str, tuple[int, int]] = {}

    def step(self, name: str, done: int, total: int) -> None:
        self.steps[name] = (done, total)


def small_book() -> bytes:
    """Return a roster of three households with as many grids as the staff works in, and the building of the building head."""
    book = Book()
    book.sheets["网格楼栋"].append(["W03", "网格3", "L001", "1号楼", 1])
    book.sheets["网格楼栋"] += [[f"W{n:02d}", f"网格{n}", f"L{n}", f"{n}号楼", 1] for n in range(3, GRIDS + 1)]
    return book.bytes()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Sequence[StaffMember]:
    """Make the community small: three households, and as many people who work here."""
    staff = model_staff()[:3]
    monkeypatch.setattr("launcher.demo.load.demo_workbook", small_book)
    monkeypatch.setattr("launcher.demo.load.model_staff", lambda: staff)
    return staff


async def test_a_community_comes_to_life_and_stays_as_it_is(system, few, clock):
    admin = await system.open_community()
    told = Told()
    loaded = await system.load(admin, progress=told)
    assert set(loaded.cards) == set(loaded.household_ids) == {"H1", "H2", "H3"}
    assert {account.user_name for account in loaded.accounts} == {member.user_name for member in few}
    assert told.steps["工作人员账号"] == (len(few), len(few))
    assert loaded.accounts[0].password not in repr(loaded)

    async with httpx2.AsyncClient(base_url="http://door.test", transport=system.door) as http:
        api = ApiClient(http, clock.now)
        secretary = loaded.accounts[0]
        await api.sign_in(secretary.user_name, secretary.password, secretary.totp_secret, loaded.community_id)
        shelf = {row["code"]: row["available"] async for row in api.items("/api/v1/points/products")}
        assert shelf == {goods.code: goods.quantity for goods in GOODS}
        book = await api.get("/api/v1/points/rulebooks/current")
        assert len(book["items"]) == len(ITEMS)

    clock.advance(timedelta(minutes=2))
    again = await system.load(admin)
    assert again.household_ids == loaded.household_ids
    assert {account.account_id for account in again.accounts} == {account.account_id for account in loaded.accounts}
    async with system.runtimes["points"].database.worker.connect() as connection:
        count = text("SELECT count(*) FROM points.batch WHERE community_id = :id")
        assert (await connection.execute(count, {"id": loaded.community_id})).scalar_one() == len(GOODS)


class LosesAnAnswer(httpx2.AsyncBaseTransport):
    """Does what is asked, and loses the first answer about new staff on the way back."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.lost = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._door.handle_async_request(request)
        if request.method == "POST" and request.url.path.endswith("/staff") and not self.lost:
            self.lost = response.status_code
            return httpx2.Response(
                504, headers={"Retry-After": "0"}, json={"code": "upstream_timeout"}, request=request
            )
        return response


async def test_a_lost_answer_leaves_nobody_out(system, few, clock):
    losing = LosesAnAnswer(system.door)
    loaded = await system.load(await system.open_community(), transport=losing)
    assert losing.lost == 201
    assert sorted(account.user_name for account in loaded.accounts) == sorted(member.user_name for member in few)
    async with httpx2.AsyncClient(base_url="http://door.test", transport=system.door) as http:
        first = next(account for account in loaded.accounts if account.user_name == few[0].user_name)
        community_id = await ApiClient(http, clock.now).sign_in(
            first.user_name, first.password, first.totp_secret, loaded.community_id
        )
    assert community_id == loaded.community_id


class CutOffError(Exception):
    """Stands for the death of the loading process."""


class DiesAt(httpx2.AsyncBaseTransport):
    """Does what is asked until a request matches, and is dead from then on: before that request, or before its answer arrives."""

    def __init__(self, door: Door, method: str, ending: str, *, is_done: bool) -> None:
        self._door = door
        self._method = method
        self._ending = ending
        self._is_done = is_done

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method != self._method or not request.url.path.endswith(self._ending):
            return await self._door.handle_async_request(request)
        if self._is_done:
            assert (await self._door.handle_async_request(request)).is_success
        raise CutOffError


@pytest.mark.parametrize(
    ("method", "ending", "is_done"),
    [
        ("POST", "/rosters", True),
        ("POST", "/applications", False),
        ("POST", "/applications", True),
        ("POST", "/card_lists", False),
        ("POST", "/card_lists", True),
        ("GET", "/households", False),
        ("POST", "/staff", True),
        ("POST", "/batches", False),
    ],
)
async def test_a_loading_that_was_cut_off_goes_on_and_knows_every_card(system, few, clock, method, ending, is_done):
    admin = await system.open_community()
    kept: dict[str, str] = {}
    dying = DiesAt(system.door, method, ending, is_done=is_done)
    with pytest.raises(CutOffError):
        await load("http://door.test", admin, transport=dying, now=clock.now, keep_cards=kept.update)
    told_before = dict(kept)
    clock.advance(timedelta(minutes=2))

    loaded = await system.load(admin, cards=kept, keep_cards=kept.update)

    assert set(loaded.household_ids) == {"H1", "H2", "H3"}
    assert loaded.cards == kept
    assert loaded.cards.keys() == loaded.household_ids.keys()
    assert told_before.items() <= loaded.cards.items()
    assert {account.user_name for account in loaded.accounts} == {member.user_name for member in few}
    identity = system.runtimes["identity"]
    async with identity.database.worker.connect() as connection:
        for number, code in loaded.cards.items():
            index = identity.cipher.blind_index(code, "identity.card_code")
            query = text("SELECT household_id FROM identity.card_code WHERE code_index = :index AND community_id = :c")
            found = await connection.execute(query, {"index": index, "c": loaded.community_id})
            assert [str(one) for one in found.scalars()] == [loaded.household_ids[number]]
        query = text("SELECT count(*) FROM identity.roster_import WHERE community_id = :c")
        assert (await connection.execute(query, {"c": loaded.community_id})).scalar_one() == 1


async def test_a_roster_that_cannot_be_imported_is_told_in_words(system, monkeypatch):
    monkeypatch.setattr("launcher.demo.load.demo_workbook", lambda: b"PK\x03\x04broken")
    with pytest.raises(LoadFailedError, match="文件不完整或已损坏"):
        await system.load(await system.open_community())


def test_the_staff_is_as_the_documents_tell():
    staff = model_staff()
    company = [member for member in staff if is_property_staff(member)]
    assert len(company) == PROPERTY_STAFF == 83
    departments = {role.scope_code for member in company for role in member.roles if role.scope_kind == "department"}
    assert departments == {"cleaning", "security", "greening", "engineering", "market", "customer_service"}
    workers = [role.scope_code for member in company for role in member.roles if role.role == "property_worker"]
    assert (workers.count("cleaning"), workers.count("security")) == (32, 16)
    assert sum(role.role == "grid_worker" for member in staff for role in member.roles) == GRIDS
    assert len({member.household_code for member in staff}) == len(staff)
    head = next(member for member in staff if member.user_name == "building1")
    home = next(one for one in model_community().households if one.code == head.household_code)
    assert home.unit_codes[0].startswith(f"{head.roles[0].scope_code}-"), "a building head lives in the building"
    assert len({member.user_name for member in staff}) == len(staff)
