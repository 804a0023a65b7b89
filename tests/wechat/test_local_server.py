"""The development side of the local WeChat server."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest

from launcher.wechat_local import LocalWechat, create_app
from shared.kernel.clock import FixedClock


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    world = LocalWechat(clock=FixedClock(datetime(2026, 3, 2, tzinfo=UTC)))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=create_app(world)), base_url="http://wechat.local"
    ) as client:
        yield client


async def sign_in(http: httpx2.AsyncClient, code: str) -> dict[str, object]:
    query = {"appid": "wx-local", "secret": "development", "js_code": code}
    answer = await http.get("/sns/jscode2session", params=query)
    assert answer.status_code == 200
    return dict(answer.json())


async def token(http: httpx2.AsyncClient) -> str:
    body = {"grant_type": "client_credential", "appid": "wx-local", "secret": "development"}
    return str((await http.post("/cgi-bin/stable_token", json=body)).json()["access_token"])


async def test_a_minted_code_signs_the_openid_in(http: httpx2.AsyncClient) -> None:
    minted = (await http.post("/dev/login_codes", json={"openid": "openid-7"})).json()
    answer = await sign_in(http, minted["code"])
    assert answer["openid"] == "openid-7"
    assert "errcode" not in answer


async def test_a_scripted_error_comes_as_http_200_and_only_so_often(http: httpx2.AsyncClient) -> None:
    minted = (await http.post("/dev/login_codes", json={"openid": "openid-7"})).json()
    await http.post("/dev/errors", json={"path": "/sns/jscode2session", "errcode": 45011})
    assert (await sign_in(http, minted["code"]))["errcode"] == 45011
    assert (await sign_in(http, minted["code"]))["openid"] == "openid-7"


async def test_sent_messages_can_be_read_by_recipient(http: httpx2.AsyncClient) -> None:
    for openid in ("openid-1", "openid-2"):
        await sign_in(http, (await http.post("/dev/login_codes", json={"openid": openid})).json()["code"])
        await http.post("/dev/grants", json={"openid": openid, "template_id": "t"})
        message = {"touser": openid, "template_id": "t", "data": {"thing1": {"value": "通知"}}}
        sent = await http.post(
            "/cgi-bin/message/subscribe/send", params={"access_token": await token(http)}, json=message
        )
        assert sent.json()["errcode"] == 0
    everyone = (await http.get("/dev/messages")).json()["items"]
    assert [m["touser"] for m in everyone] == ["openid-1", "openid-2"]
    one = (await http.get("/dev/messages", params={"openid": "openid-2"})).json()["items"]
    assert [m["touser"] for m in one] == ["openid-2"]


async def test_the_token_is_stable_until_it_is_thrown_away(http: httpx2.AsyncClient) -> None:
    first = await token(http)
    assert len(first) <= 512
    assert await token(http) == first
    assert (await http.post("/dev/expired_tokens")).json() == {"expired": 1}
    assert await token(http) != first


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
async def test_a_body_that_is_not_an_object_is_47001(http: httpx2.AsyncClient, body: bytes) -> None:
    answer = await http.post("/cgi-bin/stable_token", content=body)
    assert (answer.status_code, answer.json()["errcode"]) == (200, 47001)


async def test_a_picture_verdict_is_shown_when_no_push_address_is_set(http: httpx2.AsyncClient) -> None:
    await sign_in(http, (await http.post("/dev/login_codes", json={"openid": "openid-1"})).json()["code"])
    body = {"media_url": "http://media.local/1", "media_type": 2, "version": 2, "scene": 3, "openid": "openid-1"}
    asked = await http.post("/wxa/media_check_async", params={"access_token": await token(http)}, json=body)
    trace_id = asked.json()["trace_id"]
    verdict = await http.post("/dev/media_verdicts", json={"trace_id": trace_id, "suggest": "risky"})
    assert verdict.json()["delivered"] is None
    assert verdict.json()["event"]["result"]["suggest"] == "risky"
    assert verdict.json()["event"]["trace_id"] == trace_id
