"""Pushes are believed only when WeChat made them."""

import base64
import json
from datetime import UTC, datetime

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from launcher.wechat_local import LocalWechat, PushTarget, deliver, signed_push
from shared.kernel.clock import FixedClock
from shared.wechat_push import WechatPushError, decrypt, encrypt, require_signature, sign

AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
APP_ID = "wx-local"


def test_the_signature_of_the_official_page() -> None:
    assert sign("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


@pytest.mark.parametrize("forged", ["", "f464b24fc39322e44b38aa78f5edd27bd1441697", "不是签名"])
def test_another_signature_is_refused(forged: str) -> None:
    with pytest.raises(WechatPushError):
        require_signature(forged, "AAAAA", "1714036504", "1514711492")


@pytest.mark.parametrize("plain", [b"", b"{}", "户卡".encode() * 50, bytes(range(256))])
def test_safe_mode_round_trip(plain: bytes) -> None:
    sealed = encrypt(plain, aes_key=AES_KEY, app_id=APP_ID, prefix=bytes(16))
    assert decrypt(sealed, aes_key=AES_KEY, app_id=APP_ID) == plain


def test_a_message_for_another_app_is_refused() -> None:
    sealed = encrypt(b"{}", aes_key=AES_KEY, app_id="wx-other", prefix=bytes(16))
    with pytest.raises(WechatPushError):
        decrypt(sealed, aes_key=AES_KEY, app_id=APP_ID)


@pytest.mark.parametrize("sealed", ["", "AAAA", "not base64!", base64.b64encode(bytes(64)).decode()])
def test_unreadable_cipher_text_is_refused(sealed: str) -> None:
    with pytest.raises(WechatPushError):
        decrypt(sealed, aes_key=AES_KEY, app_id=APP_ID)


@pytest.mark.parametrize("aes_key", [None, AES_KEY])
async def test_a_delivered_verdict_can_be_verified(aes_key: str | None) -> None:
    received: list[dict[str, str]] = []

    async def endpoint(request: Request) -> PlainTextResponse:
        query, body = request.query_params, await request.json()
        require_signature(query["signature"], "AAAAA", query["timestamp"], query["nonce"])
        if aes_key is not None:
            require_signature(query["msg_signature"], "AAAAA", query["timestamp"], query["nonce"], body["Encrypt"])
            body = json.loads(decrypt(body["Encrypt"], aes_key=aes_key, app_id=APP_ID))
        received.append(body)
        return PlainTextResponse("success")

    world = LocalWechat(
        clock=FixedClock(datetime(2026, 3, 2, tzinfo=UTC)),
        push=PushTarget("http://media.local/push", "AAAAA", aes_key),
    )
    app = Starlette(routes=[Route("/push", endpoint, methods=["POST"])])
    status = await deliver(world, {"Event": "wxa_media_check"}, transport=httpx2.ASGITransport(app=app))
    assert (status, received) == (200, [{"Event": "wxa_media_check"}])


def test_a_changed_body_breaks_the_signature_of_safe_mode() -> None:
    world = LocalWechat(clock=FixedClock(datetime(2026, 3, 2, tzinfo=UTC)))
    params, body = signed_push(world, PushTarget("http://x", "AAAAA", AES_KEY), b"{}")
    sealed = json.loads(body)["Encrypt"]
    with pytest.raises(WechatPushError):
        require_signature(params["msg_signature"], "AAAAA", params["timestamp"], params["nonce"], sealed[:-4] + "AAA=")
