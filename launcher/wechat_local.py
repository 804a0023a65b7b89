"""A WeChat of one's own: the same protocol on this machine, so that everything runs without an app id.

Official paths behave as WeChat documents them, one-time codes, five-minute limits, spent grants and HTTP 200 for refusals
included. Paths under `/dev/` belong to development: mint a log-in code for an openid, script an error, read what was sent.
Never started outside development; it listens on the loopback address only.
"""

import io
import secrets
import string
from base64 import b64encode
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.kernel.clock import Clock
from shared.wechat import MAX_TEXT_LENGTH, SCENE_CHARACTERS
from shared.wechat_push import encrypt, sign

CODE_LIFETIME = timedelta(minutes=5)
TOKEN_LIFETIME = timedelta(seconds=7200)
ACTIVE_FOR = timedelta(hours=2)
RISKY_WORDS = ("违禁词", "赌博")
REVIEW_WORDS = ("加微信",)
_MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    41030: "invalid page",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    47001: "data format error",
    47003: "argument invalid! data format error",
    61010: "code is expired",
}


class Refusal(Exception):  # noqa: N818 - the word of the protocol: WeChat refuses, nothing failed.
    """An errcode instead of an answer."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg or _MESSAGES.get(errcode, "error")


@dataclass
class _Code:
    """A one-time code and what it stands for."""

    stands_for: str
    good_until: datetime
    is_used: bool = False


@dataclass(frozen=True)
class PushTarget:
    """Where pushes are delivered; safe mode when an AES key is set."""

    url: str
    token: str
    aes_key: str | None = None


@dataclass
class LocalWechat:
    """Everything this WeChat remembers; it lives in memory and dies with the process."""

    clock: Clock
    app_id: str = "wx-local"
    app_secret: str = field(default="development", repr=False)
    push: PushTarget | None = None
    pages: frozenset[str] | None = None
    login_codes: dict[str, _Code] = field(default_factory=dict)
    phone_codes: dict[str, _Code] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict)
    seen_at: dict[str, datetime] = field(default_factory=dict)
    grants: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    messages: list[dict[str, Any]] = field(default_factory=list)
    media_checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    scripted: defaultdict[str, deque[Refusal]] = field(default_factory=lambda: defaultdict(deque))
    forced_refreshes: int = 0

    def mint_login_code(self, openid: str) -> str:
        """Return a code that `jscode2session` turns into this openid, once, within five minutes."""
        return self._mint(self.login_codes, openid)

    def mint_phone_code(self, phone: str) -> str:
        """Return a code that `getuserphonenumber` turns into this number, once, within five minutes."""
        return self._mint(self.phone_codes, phone)

    def allow(self, openid: str, template_id: str, times: int = 1) -> None:
        """Let so many messages of a template through, as if the person had tapped accept."""
        self.grants[openid, template_id] += times

    def script(self, path: str, errcode: int, *, times: int = 1, errmsg: str | None = None) -> None:
        """Make the next calls of a path fail."""
        self.scripted[path].extend([Refusal(errcode, errmsg)] * times)

    def _mint(self, codes: dict[str, _Code], stands_for: str) -> str:
        code = secrets.token_urlsafe(24)
        codes[code] = _Code(stands_for, self.clock.now() + CODE_LIFETIME)
        return code

    def spend(self, codes: dict[str, _Code], code: str) -> str:
        """Use up a code."""
        known = codes.get(code)
        if known is None or self.clock.now() >= known.good_until:
            raise Refusal(40029)
        if known.is_used:
            raise Refusal(40163)
        known.is_used = True
        return known.stands_for

    def require_app(self, app_id: object, secret: object) -> None:
        """Check the app id and its secret."""
        if app_id != self.app_id:
            raise Refusal(40013)
        if secret != self.app_secret:
            raise Refusal(40125)

    def require_token(self, request: Request) -> None:
        """Check the access token of a call."""
        good_until = self.tokens.get(request.query_params.get("access_token", ""))
        if good_until is None:
            raise Refusal(40001)
        if self.clock.now() >= good_until:
            raise Refusal(42001)

    def require_active(self, openid: str) -> None:
        """Check that the person opened the mini-program in the last two hours."""
        seen_at = self.seen_at.get(openid)
        if seen_at is None:
            raise Refusal(40003)
        if self.clock.now() - seen_at > ACTIVE_FOR:
            raise Refusal(61010)


_Handler = Callable[[LocalWechat, Request], Awaitable[Response | dict[str, Any]]]


def create_app(world: LocalWechat) -> Starlette:
    """Build the server around a memory."""
    official: dict[tuple[str, str], _Handler] = {
        ("GET", "/sns/jscode2session"): _jscode2session,
        ("POST", "/cgi-bin/stable_token"): _stable_token,
        ("POST", "/wxa/business/getuserphonenumber"): _getuserphonenumber,
        ("POST", "/cgi-bin/message/subscribe/send"): _subscribe_send,
        ("POST", "/wxa/msg_sec_check"): _msg_sec_check,
        ("POST", "/wxa/media_check_async"): _media_check_async,
        ("POST", "/wxa/getwxacodeunlimit"): _getwxacodeunlimit,
    }
    development: dict[tuple[str, str], _Handler] = {
        ("POST", "/dev/login_codes"): _dev_login_code,
        ("POST", "/dev/phone_codes"): _dev_phone_code,
        ("POST", "/dev/grants"): _dev_grant,
        ("POST", "/dev/errors"): _dev_error,
        ("POST", "/dev/expired_tokens"): _dev_expire_tokens,
        ("GET", "/dev/messages"): _dev_messages,
        ("POST", "/dev/media_verdicts"): _dev_media_verdict,
    }
    routes = [
        Route(path, _endpoint(world, path, handler), methods=[method])
        for (method, path), handler in (official | development).items()
    ]
    return Starlette(routes=routes)


def _endpoint(world: LocalWechat, path: str, handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            if world.scripted[path]:
                raise world.scripted[path].popleft()
            answer = await handler(world, request)
        except Refusal as refusal:
            return JSONResponse({"errcode": refusal.errcode, "errmsg": f"{refusal.errmsg} rid: local"})
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return endpoint


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refusal(47001) from None
    if not isinstance(body, dict):
        raise Refusal(47001)
    return body


def _ok(**members: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **members}


async def _jscode2session(world: LocalWechat, request: Request) -> dict[str, Any]:
    query = request.query_params
    world.require_app(query.get("appid"), query.get("secret"))
    openid = world.spend(world.login_codes, query.get("js_code", ""))
    world.seen_at[openid] = world.clock.now()
    # As WeChat does: no errcode at all in a good answer, and no unionid without an open-platform account.
    return {"openid": openid, "session_key": b64encode(secrets.token_bytes(16)).decode()}


async def _stable_token(world: LocalWechat, request: Request) -> dict[str, Any]:
    body = await _body(request)
    world.require_app(body.get("appid"), body.get("secret"))
    now = world.clock.now()
    if body.get("force_refresh"):
        if world.forced_refreshes >= 20:
            raise Refusal(45009)
        world.forced_refreshes += 1
        world.tokens.clear()
    for value, good_until in world.tokens.items():
        if now < good_until:
            return {"access_token": value, "expires_in": int((good_until - now).total_seconds())}
    value = secrets.token_urlsafe(102)
    world.tokens[value] = now + TOKEN_LIFETIME
    return {"access_token": value, "expires_in": int(TOKEN_LIFETIME.total_seconds())}


async def _getuserphonenumber(world: LocalWechat, request: Request) -> dict[str, Any]:
    world.require_token(request)
    body = await _body(request)
    phone = world.spend(world.phone_codes, str(body.get("code", "")))
    watermark = {"timestamp": int(world.clock.now().timestamp()), "appid": world.app_id}
    info = {"phoneNumber": phone, "purePhoneNumber": phone, "countryCode": "86", "watermark": watermark}
    return _ok(phone_info=info)


async def _subscribe_send(world: LocalWechat, request: Request) -> dict[str, Any]:
    world.require_token(request)
    body = await _body(request)
    openid, template_id = str(body.get("touser", "")), str(body.get("template_id", ""))
    if openid not in world.seen_at:
        raise Refusal(40003)
    if not template_id:
        raise Refusal(40037)
    page = str(body.get("page", ""))
    if page and world.pages is not None and page.partition("?")[0] not in world.pages:
        raise Refusal(41030)
    data = body.get("data")
    if not isinstance(data, dict) or not all(_fits(name, item) for name, item in data.items()):
        raise Refusal(47003)
    if world.grants[openid, template_id] < 1:
        raise Refusal(43101)
    world.grants[openid, template_id] -= 1
    world.messages.append({**body, "sent_at": world.clock.now().isoformat()})
    return _ok(msgid=len(world.messages))


def _fits(name: str, item: object) -> bool:
    value = item.get("value") if isinstance(item, dict) else None
    limits = {"thing": 20, "name": 10, "phrase": 5, "character_string": 32}
    return isinstance(value, str) and 0 < len(value) <= limits.get(name.rstrip(string.digits), 1_000)


async def _msg_sec_check(world: LocalWechat, request: Request) -> dict[str, Any]:
    world.require_token(request)
    body = await _body(request)
    if body.get("version") != 2:
        raise Refusal(47001)
    if body.get("scene") not in {1, 2, 3, 4}:
        raise Refusal(40129)
    world.require_active(str(body.get("openid", "")))
    content = str(body.get("content", ""))
    if not 1 <= len(content) <= MAX_TEXT_LENGTH:
        raise Refusal(47001)
    suggest, label = "pass", 100
    if any(word in content for word in RISKY_WORDS):
        suggest, label = "risky", 20_006
    elif any(word in content for word in REVIEW_WORDS):
        suggest, label = "review", 20_006
    return _ok(result={"suggest": suggest, "label": label}, detail=[], trace_id=secrets.token_hex(16))


async def _media_check_async(world: LocalWechat, request: Request) -> dict[str, Any]:
    world.require_token(request)
    body = await _body(request)
    world.require_active(str(body.get("openid", "")))
    trace_id = secrets.token_hex(16)
    world.media_checks[trace_id] = body
    return _ok(trace_id=trace_id)


async def _getwxacodeunlimit(world: LocalWechat, request: Request) -> Response:
    world.require_token(request)
    body = await _body(request)
    scene, page = str(body.get("scene", "")), str(body.get("page", ""))
    if not 1 <= len(scene) <= 32 or not set(scene) <= SCENE_CHARACTERS:
        raise Refusal(40129)
    if page.startswith("/") or (world.pages is not None and page not in world.pages):
        raise Refusal(41030)
    picture = io.BytesIO()
    segno.make(f"{page}?scene={scene}", error="m").save(picture, kind="png", scale=6)
    return Response(picture.getvalue(), media_type="image/png")


async def _dev_login_code(world: LocalWechat, request: Request) -> dict[str, Any]:
    return {"code": world.mint_login_code(str((await _body(request))["openid"]))}


async def _dev_phone_code(world: LocalWechat, request: Request) -> dict[str, Any]:
    return {"code": world.mint_phone_code(str((await _body(request))["phone"]))}


async def _dev_grant(world: LocalWechat, request: Request) -> dict[str, Any]:
    body = await _body(request)
    world.allow(str(body["openid"]), str(body["template_id"]), int(body.get("times", 1)))
    return {"left": world.grants[str(body["openid"]), str(body["template_id"])]}


async def _dev_error(world: LocalWechat, request: Request) -> dict[str, Any]:
    body = await _body(request)
    world.script(str(body["path"]), int(body["errcode"]), times=int(body.get("times", 1)))
    return {"scripted": len(world.scripted[str(body["path"])])}


async def _dev_expire_tokens(world: LocalWechat, _: Request) -> dict[str, Any]:
    expired = len(world.tokens)
    world.tokens.clear()
    return {"expired": expired}


async def _dev_messages(world: LocalWechat, request: Request) -> dict[str, Any]:
    openid = request.query_params.get("openid")
    return {"items": [m for m in world.messages if openid is None or m["touser"] == openid]}


async def _dev_media_verdict(world: LocalWechat, request: Request) -> dict[str, Any]:
    """Decide a pending media check and push the verdict, as WeChat does within thirty minutes."""
    body = await _body(request)
    trace_id = str(body["trace_id"])
    asked = world.media_checks.pop(trace_id)
    event = {
        "ToUserName": "gh_local",
        "FromUserName": asked["openid"],
        "CreateTime": int(world.clock.now().timestamp()),
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": world.app_id,
        "trace_id": trace_id,
        "version": 2,
        "result": {"suggest": body.get("suggest", "pass"), "label": 100},
        "errcode": 0,
        "errmsg": "ok",
    }
    delivered = await deliver(world, event) if world.push is not None else None
    return {"event": event, "delivered": delivered}


async def deliver(
    world: LocalWechat, event: dict[str, Any], *, transport: httpx2.AsyncBaseTransport | None = None
) -> int:
    """Push an event to the configured address, signed, encrypted in safe mode, and return the HTTP status."""
    if world.push is None:
        msg = "no push address is configured"
        raise ValueError(msg)
    params, payload = signed_push(world, world.push, JSONResponse(event).body)
    headers = {"content-type": "application/json"}
    async with httpx2.AsyncClient(transport=transport, timeout=5.0) as client:
        answer = await client.post(world.push.url, params=params, content=payload, headers=headers)
    return answer.status_code


def signed_push(world: LocalWechat, target: PushTarget, body: bytes | memoryview) -> tuple[dict[str, str], bytes]:
    """Return the query and body WeChat would send for a message."""
    timestamp, nonce = str(int(world.clock.now().timestamp())), str(secrets.randbelow(10**10))
    params = {"signature": sign(target.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    if target.aes_key is None:
        return params, bytes(body)
    sealed = encrypt(bytes(body), aes_key=target.aes_key, app_id=world.app_id, prefix=secrets.token_bytes(16))
    params |= {"encrypt_type": "aes", "msg_signature": sign(target.token, timestamp, nonce, sealed)}
    return params, bytes(JSONResponse({"ToUserName": "gh_local", "Encrypt": sealed}).body)
