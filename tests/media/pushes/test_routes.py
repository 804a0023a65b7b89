"""Pictures judged by WeChat: asked once, answered by a push, hidden until then. The local WeChat server plays its part."""

from datetime import timedelta

import httpx2
import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse

from gateway.main import create_app as create_door
from gateway.settings import GatewaySettings
from launcher.wechat_local import LocalWechat, PushTarget, create_app, signed_push
from services.media.checker import PictureChecker
from services.media.settings import CheckMode
from services.media.worker import create_worker
from shared.contracts.events import AccountBound, AccountDeleted, AssetPassed, AssetRejected
from shared.kernel.principal import Role
from shared.wechat import WechatApp, WechatClient
from tests.gateway.serving import serve
from tests.media.assets import samples

ASSETS = "/api/v1/media/assets"
PUSHES = "/api/v1/media/wechat_pushes"
TOKEN = "push-token-of-a-test"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.fixture
def settings(apps):
    """Let WeChat judge, for one test."""
    current = apps.runtime("media").settings
    changes = {
        "check_mode": CheckMode.WECHAT,
        "wechat_app_id": "wx-local",
        "wechat_secret": SecretStr("local-wechat-secret"),
        "wechat_push_token": SecretStr(TOKEN),
        "wechat_push_aes_key": None,
        "public_url": "https://community.example",
    }
    before = {name: getattr(current, name) for name in changes}
    for name, value in changes.items():
        object.__setattr__(current, name, value)
    yield current
    for name, value in before.items():
        object.__setattr__(current, name, value)


@pytest.fixture
async def wechat(clock, settings):
    server = LocalWechat(clock=clock, push=PushTarget(PUSHES, TOKEN))
    app = WechatApp(server.app_id, SecretStr(server.app_secret), base_url="http://wechat.local")
    server.client = WechatClient(app, clock=clock, transport=httpx2.ASGITransport(app=create_app(server)))
    yield server
    await server.client.aclose()


@pytest.fixture
def checker(apps, wechat):
    return PictureChecker(apps.runtime("media"), wechat.client)


def bound(person, openid: str | None) -> AccountBound:
    return AccountBound(
        account_id=person.account_id,
        kind="resident",
        resident_id=person.resident_id,
        household_id=person.household_id,
        name=person.name,
        wechat_openid=openid,
    )


@pytest.fixture
async def owner(people, hear, wechat):
    """A resident who has the mini-program open."""
    person = people.resident()
    openid = f"openid-{person.account_id}"
    await wechat.client.sign_in(wechat.mint_login_code(openid))
    await hear("media", people.community_id, bound(person, openid))
    return person


async def upload(client, data: bytes | None = None) -> str:
    response = await client.post(ASSETS, files={"file": ("p", data or samples.jpeg())})
    assert response.status_code == 201
    return response.json()["id"]


async def state(client, asset_id: str) -> str:
    return (await client.get(f"{ASSETS}/{asset_id}")).json()["state"]


def trace_of(wechat, asset_id: str) -> str:
    (trace,) = [trace for trace, asked in wechat.media_checks.items() if asset_id in asked["media_url"]]
    return trace


async def push(client, wechat, trace_id: str, suggest: str, **changes: str) -> httpx2.Response:
    event = {"MsgType": "event", "Event": "wxa_media_check", "trace_id": trace_id, "result": {"suggest": suggest}}
    params, body = signed_push(wechat, wechat.push, JSONResponse(event).body)
    return await client.post(PUSHES, params=params | changes, content=body)


@pytest.mark.parametrize(
    ("suggest", "ends", "told"),
    [
        ("pass", "pass", AssetPassed),
        ("risky", "risky", AssetRejected),
        ("review", "review", None),
        ("new", "review", None),
    ],
)
async def test_a_picture_waits_for_wechats_word(
    client_for, people, owner, wechat, checker, facts_of, suggest, ends, told
):
    client, visitor = client_for("media", owner), client_for("media")
    asset_id = await upload(client)
    assert await state(client, asset_id) == "pending"
    await checker.ask_due()
    await checker.ask_due()
    trace = trace_of(wechat, asset_id)
    asked = wechat.media_checks[trace]
    assert asked["openid"] == f"openid-{owner.account_id}"
    base, path = asked["media_url"].split("/api/", 1)
    assert base == "https://community.example"
    assert (await visitor.get(f"/api/{path}")).status_code == 200, "WeChat can fetch what others cannot see yet"
    for _ in range(2):
        answer = await push(visitor, wechat, trace, suggest)
        assert (answer.status_code, answer.text) == (200, "success")
    assert await state(client, asset_id) == ends
    assert [type(fact) for fact in await facts_of("media", people.community_id)] == ([told] if told else [])


async def test_wechats_word_comes_through_the_door(client_for, apps, owner, wechat, checker, clock, redis_url):
    """WeChat has no token, so the door must ask it for none."""
    client = client_for("media", owner)
    asset_id = await upload(client)
    await checker.ask_due()

    async def media(scope, receive, send):
        assert scope["type"] == "http", "its life is the fixture's"
        await apps.app("media")(scope, receive, send)

    settings = GatewaySettings(
        environment="development", redis_url=redis_url, log_level="CRITICAL", address_limit_per_minute=1_000_000
    )
    async with (
        serve(create_door(settings, {"media": media}, clock=clock)) as url,
        httpx2.AsyncClient(base_url=url, timeout=60) as outside,
    ):
        answer = await push(outside, wechat, trace_of(wechat, asset_id), "pass")
        assert (answer.status_code, answer.text) == (200, "success")
        forged = await push(outside, wechat, trace_of(wechat, asset_id), "risky", signature="0" * 40)
        assert (forged.status_code, forged.json()["code"]) == (403, "wechat.push_forged")
    assert await state(client, asset_id) == "pass"


async def test_wechats_word_comes_after_a_persons(client_for, people, owner, wechat, checker):
    client = client_for("media", owner)
    asset_id = await upload(client)
    await checker.ask_due()
    reviewer = client_for("media", people.staff(Role.COMMUNITY_ADMIN))
    await reviewer.post(f"{ASSETS}/{asset_id}/reviews", json={"judgement": "reject", "reason": "不合适"})
    assert (await push(client_for("media"), wechat, trace_of(wechat, asset_id), "pass")).status_code == 200
    assert await state(client, asset_id) == "risky"


async def test_wechats_word_may_come_after_its_time(client_for, owner, wechat, checker, clock, sweep):
    client = client_for("media", owner)
    asset_id = await upload(client)
    await checker.ask_due()
    clock.advance(timedelta(minutes=35))
    await sweep("media", "time_out_checks")
    assert await state(client, asset_id) == "review"
    await push(client_for("media"), wechat, trace_of(wechat, asset_id), "pass")
    assert await state(client, asset_id) == "pass"


async def test_whom_wechat_does_not_know_a_person_judges(client_for, people, hear, wechat, checker, owner):
    stranger, gone = people.resident(), owner
    await hear("media", people.community_id, bound(stranger, None))
    deleted = AccountDeleted(account_id=gone.account_id, resident_id=gone.resident_id, household_id=gone.household_id)
    await hear("media", people.community_id, deleted)
    ids = {who: await upload(client_for("media", who)) for who in (stranger, gone)}
    await checker.ask_due()
    for who, asset_id in ids.items():
        assert await state(client_for("media", who), asset_id) == "review"


async def test_who_was_away_for_two_hours_is_judged_by_a_person(client_for, owner, wechat, checker, clock):
    clock.advance(timedelta(hours=3))
    client = client_for("media", owner)
    asset_id = await upload(client)
    await checker.ask_due()
    assert await state(client, asset_id) == "review"


async def test_a_busy_wechat_is_asked_again(client_for, owner, wechat, checker):
    client = client_for("media", owner)
    wechat.script("/wxa/media_check_async", -1, times=1000)
    asset_id = await upload(client)
    await checker.ask_due()
    assert await state(client, asset_id) == "pending"
    wechat.scripted.clear()
    await checker.ask_due()
    assert trace_of(wechat, asset_id)


async def test_documents_are_no_business_of_wechats(client_for, owner, wechat, checker):
    client = client_for("media", owner)
    asset_id = await upload(client, samples.pdf())
    await checker.ask_due()
    assert await state(client, asset_id) == "pending"
    assert not [asked for asked in wechat.media_checks.values() if asset_id in asked["media_url"]]


@pytest.mark.parametrize("forged", [{"signature": "0" * 40}, {"signature": ""}, {"timestamp": "1"}, {"nonce": "1"}])
async def test_what_wechat_did_not_send_is_refused(client_for, owner, wechat, checker, forged):
    client = client_for("media", owner)
    asset_id = await upload(client)
    await checker.ask_due()
    refused = await push(client_for("media"), wechat, trace_of(wechat, asset_id), "pass", **forged)
    assert (refused.status_code, refused.json()["code"]) == (403, "wechat.push_forged")
    assert await state(client, asset_id) == "pending"


async def test_safe_mode(client_for, owner, wechat, checker, settings):
    object.__setattr__(settings, "wechat_push_aes_key", SecretStr(AES_KEY))
    client, visitor = client_for("media", owner), client_for("media")
    asset_id = await upload(client)
    await checker.ask_due()
    trace = trace_of(wechat, asset_id)
    plain = await push(visitor, wechat, trace, "pass")
    assert plain.json()["code"] == "wechat.push_forged"
    wechat.push = PushTarget(PUSHES, TOKEN, AES_KEY)
    assert (await push(visitor, wechat, trace, "pass")).text == "success"
    assert await state(client, asset_id) == "pass"


async def test_the_handshake_and_bodies_that_are_no_push(client_for, wechat):
    visitor = client_for("media")
    params, _ = signed_push(wechat, wechat.push, b"")
    hello = await visitor.get(PUSHES, params=params | {"echostr": "你好 42"})
    assert (hello.status_code, hello.text) == (200, "你好 42")
    for body in (b"", b"<xml/>", b"[]", b"[" * 50_000, b" " * 70_000):
        refused = await visitor.post(PUSHES, params=params, content=body)
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
    unknown = await visitor.post(PUSHES, params=params, content=b'{"Event":"subscribe"}')
    assert unknown.text == "success"
    nobody = await visitor.post(PUSHES, params=params, content=b'{"Event":"wxa_media_check","trace_id":"x","result":3}')
    assert nobody.text == "success"


async def test_without_a_token_no_push_is_believed(client_for, wechat, settings):
    object.__setattr__(settings, "wechat_push_token", None)
    params, body = signed_push(wechat, wechat.push, b"{}")
    assert (await client_for("media").post(PUSHES, params=params, content=body)).status_code == 403


def test_the_checker_runs_where_wechat_is_asked_and_nowhere_else(apps, settings):
    worker = create_worker(apps.runtime("media"))
    assert len(worker.extra) == 2
    assert AccountBound in worker.handlers
    object.__setattr__(settings, "check_mode", CheckMode.LOCAL)
    worker = create_worker(apps.runtime("media"))
    assert (len(worker.extra), worker.handlers) == (1, {})
