"""Brings the model community to life through the public HTTP API, as its own people would: roster, staff, rulebook, store.

Every step looks first at what is there, so a loading that was cut off is simply begun again.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from launcher.demo.client import ApiClient, ApiRefusedError
from launcher.demo.goods import GOODS, Goods
from launcher.demo.minutes import minutes_picture
from launcher.demo.progress import Shows, Silent
from launcher.demo.rulebook import rulebook
from launcher.demo.staff import StaffMember, model_staff
from launcher.demo.workbook import demo_workbook
from shared.kernel.clock import local_date

IDENTITY, POINTS, PROPERTY = "/api/v1/identity", "/api/v1/points", "/api/v1/property"
ROSTERS = f"{IDENTITY}/rosters"
ASSETS = "/api/v1/media/assets"
STAFF_AT_ONCE = 8
"""A password is hashed slowly on purpose; more at once would outlast the patience of the gateway on a small machine."""
CARDS_BETWEEN_KEEPING = 100
ARRIVAL_ATTEMPTS, ARRIVAL_PAUSE_SECONDS = 120, 0.5
"""How often, and after which pause, it is asked whether a file has reached the service that needs it."""
FILE_NAME = "青龙泉社区花名册.xlsx"

_PHASES = {
    "reading": "读取花名册",
    "comparing": "核对花名册",
    "checked": "核对花名册",
    "writing_places": "写入网格、楼栋、房屋",
    "writing_residents": "写入各户和居民",
    "making_cards": "制作户卡",
    "telling_services": "通知各服务",
}

_UNDER_WAY = frozenset({"uploaded", "checked", "applying", "applied"})

Places = Mapping[str, Mapping[str, str]]
"""Ids of grids and buildings by kind and code."""


class LoadFailedError(Exception):
    """The community could not be loaded; the message says why, in plain Chinese."""


@dataclass(frozen=True, slots=True)
class AdminSecrets:
    """With what the first administrator signs in."""

    user_name: str
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A staff account of the demo community; the secrets exist here and, hashed or encrypted, in the database."""

    user_name: str
    name: str
    duty: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    account_id: str = ""


@dataclass(slots=True)
class DemoCommunity:
    """What was loaded: who can sign in, and the codes of the household cards by household number."""

    community_id: str
    accounts: list[DemoAccount] = field(default_factory=list)
    cards: dict[str, str] = field(default_factory=dict, repr=False)
    household_ids: dict[str, str] = field(default_factory=dict, repr=False)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data, to be kept where only the owner can read."""
        return asdict(self)


async def load(
    base_url: str,
    admin: AdminSecrets,
    *,
    progress: Shows | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    cards: Mapping[str, str] | None = None,
    keep_cards: Callable[[Mapping[str, str]], None] = lambda _: None,
) -> DemoCommunity:
    """Load the model community into the community of `admin`.

    `transport` replaces the network in tests; `now` is the system's idea of the time where that was moved. The codes of the household
    cards are told once: `keep_cards` gets them as soon as they are known, and the next loading is given them as `cards`.

    Errors: LoadFailedError; ApiRefusedError when the API refuses a step.
    Idempotency: what is there already is left as it is; secrets of accounts that are there already, and cards whose codes were told
    and not kept, are issued anew.
    """
    started = time.perf_counter()
    async with httpx2.AsyncClient(base_url=base_url, transport=transport, timeout=120) as http:
        api = ApiClient(http, now)
        community_id = await api.sign_in(admin.user_name, admin.password, admin.totp_secret)
        community = DemoCommunity(community_id, cards=dict(cards or {}))
        loader = _Loader(api, progress or Silent(), now, community, keep_cards)
        await loader.bring_in_roster()
        await loader.find_homes()
        await loader.replace_lost_cards()
        await loader.take_on_staff()
        await loader.adopt_rulebook()
        await loader.fill_store()
        await loader.open_desk()
        loader.loaded.seconds = time.perf_counter() - started
        return loader.loaded


@dataclass
class _Loader:
    api: ApiClient
    progress: Shows
    now: Callable[[], datetime]
    loaded: DemoCommunity
    keep_cards: Callable[[Mapping[str, str]], None]
    residents: dict[str, str] = field(default_factory=dict)
    """Household number to the id of its householder."""

    async def bring_in_roster(self) -> None:
        """Go on with the import that is under way, else upload the roster; every step of it may be the first one here."""
        body = await self._under_way()
        if body is None:
            if (await self.api.get(f"{IDENTITY}/households?limit=1"))["items"]:
                return
            body = await self._upload()
        where = f"{ROSTERS}/{body['id']}"
        if body["state"] == "uploaded":
            body = await self._until(where, "checked")
        if body["state"] == "checked":
            body = await self.api.post(f"{where}/applications", {"removals": "keep"})
        if body["state"] == "applying":
            body = await self._until(where, "applied")
        if body["cards_waiting"]:
            await self._take_cards(where)

    async def _under_way(self) -> dict[str, Any] | None:
        """Return the newest import of this file, unless it came to nothing."""
        async for row in self.api.items(f"{ROSTERS}?limit=50"):
            if row["file_name"] == FILE_NAME and row["state"] in _UNDER_WAY and not row["is_stuck"]:
                body: dict[str, Any] = await self.api.get(f"{ROSTERS}/{row['id']}")
                return body
        return None

    async def _upload(self) -> dict[str, Any]:
        content = await asyncio.to_thread(demo_workbook)
        key = f"demo-roster-{hashlib.sha256(content).hexdigest()[:16]}-{int(self.now().timestamp())}"
        body: dict[str, Any] = await self.api.post(ROSTERS, files={"file": (FILE_NAME, content)}, key=key)
        return body

    async def _take_cards(self, where: str) -> None:
        try:
            told = await self.api.post(f"{where}/card_lists")
        except ApiRefusedError as refusal:
            if refusal.code != "identity.cards_already_taken":
                raise
            return  # They were told, and the answer was lost on the way: new ones are made one by one.
        self.loaded.cards |= {card["household_number"]: card["code"].replace(" ", "") for card in told["cards"]}
        self.keep_cards(self.loaded.cards)

    async def replace_lost_cards(self) -> None:
        """Make a new card for every household whose code was told and not kept."""
        lost = sorted(self.loaded.household_ids.keys() - self.loaded.cards.keys())
        for done, number in enumerate(lost, start=1):
            where = f"{IDENTITY}/households/{self.loaded.household_ids[number]}/card_codes"
            self.loaded.cards[number] = (await self.api.post(where, {}))["code"].replace(" ", "")
            if done % CARDS_BETWEEN_KEEPING == 0 or done == len(lost):
                self.keep_cards(self.loaded.cards)
            self.progress.step("补发户卡", done, len(lost))

    async def _until(self, where: str, wanted: str) -> dict[str, Any]:
        totals: dict[str, int] = {}
        while True:
            body: dict[str, Any] = await self.api.get(where)
            if (at := body["progress"]) is not None:
                phase = _PHASES.get(at["phase"], at["phase"])
                # A phase that has given way to the next is over, whatever was seen of it last.
                self._finish({name: total for name, total in totals.items() if name != phase})
                self.progress.step(phase, at["done"], at["total"])
                totals[phase] = at["total"]
            if body["state"] == wanted:
                self._finish(totals)
                return body
            if body["is_stuck"] or body["state"] not in {"uploaded", "checked", "applying"}:
                msg = f"花名册没有导入成功（{body['state']}）：{body['refusal_detail'] or '请看日志'}"
                raise LoadFailedError(msg)
            await asyncio.sleep(0.3)

    def _finish(self, totals: Mapping[str, int]) -> None:
        for name, total in totals.items():
            self.progress.step(name, total, total)

    async def find_homes(self) -> None:
        async for row in self.api.items(f"{IDENTITY}/households?limit=200"):
            self.loaded.household_ids[row["number"]] = row["id"]
            if row["householder_id"] is not None:
                self.residents[row["number"]] = row["householder_id"]

    async def take_on_staff(self) -> None:
        members = {member.user_name: member for member in model_staff()}
        places = {
            "grid": {grid["code"]: grid["id"] for grid in await self.api.get(f"{IDENTITY}/grids")},
            "building": {row["code"]: row["id"] async for row in self.api.items(f"{IDENTITY}/buildings?limit=200")},
        }
        while True:
            known = {row["user_name"]: row["id"] async for row in self.api.items(f"{IDENTITY}/staff?limit=200")}
            missing = [member for name, member in members.items() if name not in known]
            if not missing or await self._take_on(missing, len(members), places):
                break
        kept = {account.user_name for account in self.loaded.accounts}
        for name in sorted((members.keys() & known.keys()) - kept):
            resets = f"{IDENTITY}/staff/{known[name]}/password_resets"
            self._keep(members[name], await self.api.post(resets, {"reason": "示范社区重新导入"}))

    async def _take_on(self, missing: Sequence[StaffMember], whole: int, places: Places) -> bool:
        """Take on colleagues, a few at a time; False when an answer was lost on the way and some are there already."""
        named = {member.user_name: member for member in missing}
        for start in range(0, len(missing), STAFF_AT_ONCE):
            batch = missing[start : start + STAFF_AT_ONCE]
            try:
                body = {"items": [self._colleague(member, places) for member in batch]}
                issued = await self.api.post(f"{IDENTITY}/staff", body)
            except ApiRefusedError as refusal:
                if refusal.code != "identity.user_name_taken":
                    raise
                return False
            for one in issued["items"]:
                self._keep(named[one["user_name"]], one)
            self.progress.step("工作人员账号", whole - len(missing) + start + len(batch), whole)
        return True

    def _colleague(self, member: StaffMember, places: Places) -> dict[str, Any]:
        roles = [
            {
                "role": role.role,
                "scope_kind": role.scope_kind,
                "scope_id": places.get(role.scope_kind, {}).get(role.scope_code, role.scope_code),
            }
            for role in member.roles
        ]
        return {
            "user_name": member.user_name,
            "name": member.name,
            "resident_id": self.residents.get(member.household_code),
            "roles": roles,
        }

    def _keep(self, member: StaffMember, issued: dict[str, Any]) -> None:
        account = DemoAccount(
            user_name=member.user_name,
            name=member.name,
            duty=member.duty,
            password=issued["password"],
            totp_secret=issued["totp_secret"],
            account_id=issued["account_id"],
        )
        self.loaded.accounts.append(account)

    async def adopt_rulebook(self) -> None:
        try:
            await self.api.get(f"{POINTS}/rulebooks/current")
        except ApiRefusedError as refusal:
            if refusal.status != 404:
                raise
            first_day = local_date(self.now()).isoformat()
            minutes = await self.api.post(
                ASSETS,
                files={"file": ("会议纪要.jpg", minutes_picture(), "image/jpeg")},
                key=f"demo-minutes-{first_day}",
            )
            adopted = rulebook(first_day) | {"minutes_asset_id": minutes["id"]}
            await self._adopt(adopted, key=f"demo-rulebook-{first_day}-{minutes['id']}")
        self.progress.step("积分细则", 1, 1)

    async def _adopt(self, adopted: Mapping[str, Any], *, key: str) -> None:
        """Enter the adoption once points has heard of the minutes; a refusal is remembered under its key, so each attempt has its own."""
        for attempt in range(ARRIVAL_ATTEMPTS):
            try:
                await self.api.post(f"{POINTS}/rulebooks", adopted, key=f"{key}-{attempt}")
            except ApiRefusedError as refusal:
                if refusal.code != "points.minutes_not_arrived" or attempt == ARRIVAL_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(ARRIVAL_PAUSE_SECONDS)
            else:
                return

    async def fill_store(self) -> None:
        known = {row["code"]: row async for row in self.api.items(f"{POINTS}/products?limit=200")}
        until = (local_date(self.now()) + timedelta(days=365)).isoformat()
        for done, goods in enumerate(GOODS, start=1):
            product = known.get(goods.code) or await self._enter(goods)
            if product["available"] == 0 and product["reserved"] == 0:
                batch = goods.batch() | ({"keeps_until_on": until} if goods.category == "粮油" else {})
                batches = f"{POINTS}/products/{product['id']}/batches"
                await self.api.post(batches, batch, key=f"demo-batch-{goods.code}")
            self.progress.step("爱心超市上货", done, len(GOODS))

    async def _enter(self, goods: Goods) -> Any:
        return await self.api.post(f"{POINTS}/products", goods.product(), key=f"demo-product-{goods.code}")

    async def open_desk(self) -> None:
        """Read the service catalogue once: the property service gives a new community the default one."""
        categories = await self.api.get(f"{PROPERTY}/categories")
        self.progress.step("报修目录", len(categories), len(categories))
