"""Who plays: staff of the demo community and residents, each signed in as they would be, and the calendar that can be turned."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from launcher.demo.client import one_time_code
from launcher.story.telling import Teller

IDENTITY = "/api/v1/identity"
PATIENCE_SECONDS = 40


class StoryBrokenError(Exception):
    """Something in the story went otherwise than it should."""


@dataclass
class Player:
    """Somebody signed in, with a name the transcript uses."""

    name: str
    stage: "Stage"
    token: str
    household_id: str | None = None

    async def get(self, path: str, **params: Any) -> Any:
        """Read as this person.

        Errors: StoryBrokenError.
        """
        return await self.stage.ask(self, "GET", path, params=params)

    async def post(self, path: str, body: Any = None, *, files: Any = None) -> Any:
        """Do something as this person, once.

        Errors: StoryBrokenError.
        """
        return await self.stage.ask(self, "POST", path, json=body, files=files)

    async def is_refused(self, path: str, body: Any, code: str) -> None:
        """Try something that must be refused with a code.

        Errors: StoryBrokenError when it is not.
        """
        response = await self.stage.send(self, "POST", path, json=body)
        if response.status_code < 400 or response.json()["code"] != code:
            msg = f"{self.name} {path}: 应被拒绝（{code}），却得到 {response.status_code} {response.text[:300]}"
            raise StoryBrokenError(msg)


@dataclass
class Stage:
    """The running system as the players see it: one address, and the local WeChat beside it."""

    http: httpx2.AsyncClient
    wechat_url: str
    data_dir: Path
    teller: Teller
    ahead: timedelta = timedelta()
    requests: int = 0
    signed_in: dict[str, Player] = field(default_factory=dict)

    @classmethod
    async def open(cls, http: httpx2.AsyncClient, data_dir: Path, teller: Teller) -> "Stage":
        """Look where the system and its calendar stand.

        Errors: StoryBrokenError when the demo community is not there.
        """
        running = json.loads((data_dir / "running.json").read_text(encoding="utf-8"))
        if not (data_dir / "demo.json").exists():
            msg = "这里还没有示范社区；请先运行 make up 并等它导入完成。"
            raise StoryBrokenError(msg)
        stage = cls(http, running["wechat_url"], data_dir, teller)
        clock = (await http.get("/api/v1/dev/clock")).json()
        stage.ahead = timedelta(seconds=clock["offset_seconds"])
        return stage

    @property
    def demo(self) -> dict[str, Any]:
        """What the loading of the demo community left behind."""
        return dict(json.loads((self.data_dir / "demo.json").read_text(encoding="utf-8")))

    def now(self) -> datetime:
        """The time on the system's calendar."""
        return datetime.now(UTC) + self.ahead

    async def turn_calendar(self, **by: int) -> None:
        """Turn the calendar of the whole system ahead; the tokens of everybody run out, as they should."""
        seconds = int(timedelta(**by).total_seconds())
        answer = await self.http.post("/api/v1/dev/clock", json={"advance_seconds": seconds})
        if answer.status_code >= 400:
            msg = f"日历拨不动：{answer.status_code} {answer.text[:200]}"
            raise StoryBrokenError(msg)
        self.ahead = timedelta(seconds=answer.json()["offset_seconds"])
        self.signed_in.clear()
        await self.until("各服务的日历", self._everybody_has_turned)

    async def _everybody_has_turned(self) -> bool:
        ready = (await self.http.get("/readyz")).json()
        moments = [
            part["now"] for part in ready.get("services", {}).values() if isinstance(part, dict) and "now" in part
        ]
        oldest = self.now() - timedelta(seconds=60)
        return all(datetime.fromisoformat(moment) > oldest for moment in moments)

    async def staff(self, user_name: str) -> Player:
        """Return a member of staff, signed in with password and six digits; who is signed in already stays so."""
        if user_name not in self.signed_in:
            self.signed_in[user_name] = await self._sign_in_staff(user_name)
        return self.signed_in[user_name]

    async def resident(self, household_number: str) -> Player:
        """Return a householder, signed in with WeChat; who is signed in already stays so."""
        if household_number not in self.signed_in:
            self.signed_in[household_number] = await self._sign_in_resident(household_number)
        return self.signed_in[household_number]

    async def _sign_in_staff(self, user_name: str) -> Player:
        known = {account["user_name"]: account for account in self.demo["accounts"]}
        for name in ("admin.json", "township.json"):
            account = json.loads((self.data_dir / name).read_text(encoding="utf-8"))
            known[account["user_name"]] = account | {"name": account["user_name"], "duty": user_name}
        account = known[user_name]
        body = {
            "user_name": user_name,
            "password": account["password"],
            "device": "故事",
        }

        if account["totp_secret"]:
            body["totp_code"] = one_time_code(account["totp_secret"], self.now())
        response = await self.http.post(f"{IDENTITY}/staff_sessions", json=body)
        if response.status_code == 401 and account["totp_secret"]:
            # These six digits were used already, perhaps in a story just before; the next ones come within half a minute.
            self.teller.tell("（等下一组六位数字）", "waiting for the next six digits")
            await asyncio.sleep(30 - self.now().timestamp() % 30 + 1)
            body["totp_code"] = one_time_code(account["totp_secret"], self.now())
            response = await self.http.post(f"{IDENTITY}/staff_sessions", json=body)
        if response.status_code >= 400:
            msg = f"{user_name} 登录失败：{response.status_code} {response.text[:300]}"
            raise StoryBrokenError(msg)
        return Player(f"{account['duty']} {account['name']}", self, response.json()["access_token"])

    async def _sign_in_resident(self, household_number: str) -> Player:
        # The first time the code on the household's card binds the account.
        minted = await self.http.post(
            f"{self.wechat_url}/dev/login_codes", json={"openid": f"story-{household_number}"}
        )
        answer = await self.http.post(
            f"{IDENTITY}/wechat_sessions", json={"code": minted.json()["code"], "device": "故事"}
        )
        signed_in = answer.json()
        if answer.status_code >= 400:
            msg = f"{household_number} 户微信登录失败：{answer.status_code} {answer.text[:300]}"
            raise StoryBrokenError(msg)
        tokens = signed_in["tokens"]
        if tokens is None:
            body = {
                "binding_token": signed_in["binding_token"],
                "card_code": self.demo["cards"][household_number],
                "device": "故事",
            }
            bound = await self.http.post(f"{IDENTITY}/bindings", json=body)
            if bound.status_code >= 400:
                msg = f"{household_number} 户绑定失败：{bound.status_code} {bound.text[:300]}"
                raise StoryBrokenError(msg)
            tokens = bound.json()
        return Player(
            f"{household_number} 户", self, tokens["access_token"], self.demo["household_ids"][household_number]
        )

    async def send(self, player: Player, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send a request as somebody; a POST carries a key of its own."""
        self.requests += 1
        headers = {"Authorization": f"Bearer {player.token}"}
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        return await self.http.request(method, path, headers=headers, **options)

    async def ask(self, player: Player, method: str, path: str, **options: Any) -> Any:
        """Send a request that must succeed and return its body.

        Errors: StoryBrokenError with what the system said.
        """
        response = await self.send(player, method, path, **options)
        if response.status_code >= 400:
            msg = f"{player.name} {method} {path}: {response.status_code} {response.text[:400]}"
            raise StoryBrokenError(msg)
        return response.json() if response.content else None

    async def until(self, what: str, look: Callable[[], Awaitable[Any]]) -> Any:
        """Ask again and again until something has come about, and return it.

        Errors: StoryBrokenError when it does not come about in good time.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            found = await look()
            if found:
                return found
            if asyncio.get_running_loop().time() > deadline:
                msg = f"等了 {PATIENCE_SECONDS} 秒，还没有等到：{what}"
                raise StoryBrokenError(msg)
            await asyncio.sleep(0.3)


def expect(actual: object, wanted: object, what: str) -> None:
    """Compare what is with what should be.

    Errors: StoryBrokenError.
    """
    if actual != wanted:
        msg = f"{what}：应为 {wanted!r}，却是 {actual!r}"
        raise StoryBrokenError(msg)


def picture(colour: tuple[int, int, int]) -> bytes:
    """Return a small photograph, different for each colour."""
    import io

    from PIL import Image

    out = io.BytesIO()
    image = Image.new("RGB", (320, 240), colour)
    for x in range(0, 320, 16):
        image.putpixel((x, (x * 7) % 240), (255 - colour[0], colour[1], colour[2]))
    image.save(out, "JPEG")
    return out.getvalue()


async def upload(player: Player, colour: tuple[int, int, int]) -> str:
    """Upload a photograph as somebody and return its id."""
    asset = await player.post("/api/v1/media/assets", files={"file": ("照片.jpg", picture(colour), "image/jpeg")})
    return str(asset["id"])
