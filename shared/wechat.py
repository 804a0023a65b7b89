"""The WeChat mini-program interfaces the system uses, as one async client.

WeChat answers HTTP 200 even when it refuses, so every answer is read for its `errcode` and turned into a typed error
(`shared.wechat_errors`). The client never sleeps and never repeats a call with the same one-time code; the only thing it
repeats is a call whose access token WeChat has thrown away, once. Backing off is the caller's choice.
"""

import asyncio
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Protocol

import httpx2
from pydantic import SecretStr

from shared.kernel.clock import Clock, local_date
from shared.wechat_errors import (
    WechatConfigError,
    WechatContentError,
    WechatError,
    WechatForeignPhoneError,
    WechatQuotaError,
    WechatTokenError,
    WechatUnreachableError,
    error_for,
)

OFFICIAL_BASE_URL = "https://api.weixin.qq.com"
FORCED_REFRESHES_A_DAY = 20
TOKEN_MARGIN = timedelta(minutes=5)
MAX_TEXT_LENGTH = 2_500
SCENE_CHARACTERS = frozenset(string.ascii_letters + string.digits + "!#$&'()*+,/:;=?@-._~")
_TIMEOUT = httpx2.Timeout(8.0, connect=3.0)


@dataclass(frozen=True, slots=True)
class WechatApp:
    """One mini-program: its id, its secret and where WeChat is reached."""

    app_id: str
    secret: SecretStr
    base_url: str = OFFICIAL_BASE_URL


@dataclass(frozen=True, slots=True)
class WechatIdentity:
    """Who opened the mini-program. The session key stays on the server and out of every log."""

    app_id: str
    openid: str
    unionid: str | None
    session_key: str = field(repr=False)


class Suggestion(StrEnum):
    """What WeChat's content check advises."""

    PASS = "pass"  # noqa: S105 - the word of the protocol.
    REVIEW = "review"
    RISKY = "risky"


class TextScene(IntEnum):
    """Where a text would appear; WeChat judges each place by its own standard."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL = 4


@dataclass(frozen=True, slots=True)
class StoredToken:
    """An access token and the moment after which it must not be used."""

    value: str = field(repr=False)
    good_until: datetime


class TokenStore(Protocol):
    """Where the access token is kept. Several processes may share one store; WeChat gives all of them the same token."""

    async def get(self) -> StoredToken | None: ...

    async def put(self, token: StoredToken) -> None: ...

    async def count_forced_refresh(self, day: date) -> int:
        """Count one more forced refresh of the day and return how many there are now."""
        ...


class MemoryTokenStore:
    """A token store for one process."""

    def __init__(self) -> None:
        self._token: StoredToken | None = None
        self._forced: dict[date, int] = {}

    async def get(self) -> StoredToken | None:
        """Return the kept token, stale or not."""
        return self._token

    async def put(self, token: StoredToken) -> None:
        """Keep a token."""
        self._token = token

    async def count_forced_refresh(self, day: date) -> int:
        """Count a forced refresh; earlier days are forgotten."""
        self._forced = {day: self._forced.get(day, 0) + 1}
        return self._forced[day]


class WechatClient:
    """Calls WeChat for one mini-program.

    Locks/IO: network; never call it while a write transaction is open.
    Errors: every method raises the errors of `shared.wechat_errors` and nothing else.
    """

    def __init__(
        self,
        app: WechatApp,
        *,
        clock: Clock,
        tokens: TokenStore | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.app = app
        self._clock = clock
        self._tokens = tokens or MemoryTokenStore()
        self._refreshing = asyncio.Lock()
        self._http = httpx2.AsyncClient(base_url=app.base_url, transport=transport, timeout=_TIMEOUT)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def sign_in(self, js_code: str) -> WechatIdentity:
        """Exchange a log-in code for the person's openid.

        Errors: WechatCodeError, WechatRiskyUserError, WechatBusyError.
        Idempotency: none; a code is good once and for five minutes.
        """
        answer = await self._read(
            "jscode2session",
            "GET",
            "/sns/jscode2session",
            params={
                "appid": self.app.app_id,
                "secret": self.app.secret.get_secret_value(),
                "js_code": js_code,
                "grant_type": "authorization_code",
            },
        )
        return WechatIdentity(
            app_id=self.app.app_id,
            openid=_text(answer, "openid"),
            unionid=answer.get("unionid") or None,
            session_key=_text(answer, "session_key"),
        )

    async def phone_number(self, code: str) -> str:
        """Exchange a phone code for the number without its country code.

        Errors: WechatCodeError, WechatForeignPhoneError when the number was granted to another app.
        Idempotency: none; a code is good once and for five minutes.
        """
        answer = await self._call("getuserphonenumber", "/wxa/business/getuserphonenumber", {"code": code})
        info = _part(answer, "phone_info")
        if _text(_part(info, "watermark"), "appid") != self.app.app_id:
            raise WechatForeignPhoneError
        return _text(info, "purePhoneNumber")

    async def send_subscription(
        self, *, openid: str, template_id: str, data: Mapping[str, str], page: str | None = None
    ) -> None:
        """Send a message the person accepted once.

        Units/shapes: `data` maps template fields to texts; `thing` fields hold at most 20 characters and are cut.
        Errors: WechatGrantSpentError (never retry), WechatMessageError (never retry), WechatBusyError, WechatQuotaError.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": fit_field(name, value)} for name, value in data.items()},
            "lang": "zh_CN",
        }
        if page is not None:
            body["page"] = page
        await self._call("subscribe/send", "/cgi-bin/message/subscribe/send", body)

    async def check_text(self, *, openid: str, content: str, scene: TextScene = TextScene.FORUM) -> Suggestion:
        """Ask whether a text may be shown; the answer is the strictest one over its parts.

        Errors: WechatInactiveUserError when the person was not here in the last two hours.
        """
        worst = Suggestion.PASS
        for start in range(0, len(content), MAX_TEXT_LENGTH):
            part = content[start : start + MAX_TEXT_LENGTH]
            suggestion = await self._check_part(openid, part, scene)
            worst = max(worst, suggestion, key=list(Suggestion).index)
        return worst

    async def check_media(self, *, openid: str, media_url: str, scene: TextScene = TextScene.FORUM) -> str:
        """Ask for a picture to be judged and return the trace id; the verdict is pushed within thirty minutes."""
        body = {"media_url": media_url, "media_type": 2, "version": 2, "scene": scene.value, "openid": openid}
        answer = await self._call("media_check_async", "/wxa/media_check_async", body)
        return _text(answer, "trace_id")

    async def mini_program_code(self, *, scene: str, page: str) -> bytes:
        """Return the picture of a mini-program code that opens a page.

        Errors: ValueError when the scene is longer than 32 or holds a character WeChat does not allow.
        """
        if not 1 <= len(scene) <= 32 or not set(scene) <= SCENE_CHARACTERS:
            msg = f"scene {scene!r} must be 1 to 32 of the characters WeChat allows"
            raise ValueError(msg)
        body = {"scene": scene, "page": page, "check_path": False}
        answer = await self._with_token("getwxacodeunlimit", "/wxa/getwxacodeunlimit", body)
        if answer.headers.get("content-type", "").startswith("image/"):
            return answer.content
        self._parse("getwxacodeunlimit", answer)
        raise WechatUnreachableError(call="getwxacodeunlimit")

    async def _check_part(self, openid: str, content: str, scene: TextScene) -> Suggestion:
        body = {"version": 2, "openid": openid, "scene": scene.value, "content": content}
        try:
            answer = await self._call("msg_sec_check", "/wxa/msg_sec_check", body)
        except WechatContentError:
            return Suggestion.RISKY
        try:
            return Suggestion(_text(_part(answer, "result"), "suggest"))
        except ValueError:
            # A word the protocol does not know yet is looked at by a person.
            return Suggestion.REVIEW

    async def _call(self, call: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._parse(call, await self._with_token(call, path, body))

    async def _with_token(self, call: str, path: str, body: Mapping[str, Any]) -> httpx2.Response:
        """Send with the access token, and once more with a new one when WeChat has thrown it away."""
        token = await self._access_token()
        answer = await self._send(call, "POST", path, params={"access_token": token}, json=body)
        if not answer.headers.get("content-type", "").startswith("image/"):
            try:
                self._parse(call, answer)
            except WechatTokenError:
                token = await self._access_token(rejected=token)
                return await self._send(call, "POST", path, params={"access_token": token}, json=body)
        return answer

    async def _access_token(self, *, rejected: str | None = None) -> str:
        """Return a token that is good, fetching one when the kept one is stale or was rejected.

        Locks/IO: one fetch at a time; whoever waited uses what the first one brought.
        """
        async with self._refreshing:
            now = self._clock.now()
            kept = await self._tokens.get()
            if kept is not None and kept.value != rejected and now < kept.good_until:
                return kept.value
            force = rejected is not None
            if force and await self._tokens.count_forced_refresh(local_date(now)) > FORCED_REFRESHES_A_DAY:
                raise WechatQuotaError(errcode=45009, call="stable_token")
            answer = await self._read(
                "stable_token",
                "POST",
                "/cgi-bin/stable_token",
                json={
                    "grant_type": "client_credential",
                    "appid": self.app.app_id,
                    "secret": self.app.secret.get_secret_value(),
                    "force_refresh": force,
                },
            )
            lifetime = timedelta(seconds=int(answer.get("expires_in", 0)))
            token = StoredToken(_text(answer, "access_token"), now + max(lifetime - TOKEN_MARGIN, timedelta()))
            await self._tokens.put(token)
            return token.value

    async def _read(self, call: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        return self._parse(call, await self._send(call, method, path, **options))

    async def _send(self, call: str, method: str, path: str, **options: Any) -> httpx2.Response:
        try:
            answer = await self._http.request(method, path, **options)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            # The original error may quote the address with the secret in it, so it goes no further.
            raise WechatUnreachableError(call=call) from None
        if answer.status_code != httpx2.codes.OK:
            raise WechatUnreachableError(call=call, status=answer.status_code)
        return answer

    @staticmethod
    def _parse(call: str, answer: httpx2.Response) -> dict[str, Any]:
        try:
            body = answer.json()
            errcode = int(body.get("errcode", 0))
        except (ValueError, AttributeError, TypeError):
            raise WechatUnreachableError(call=call) from None
        if errcode != 0:
            raise error_for(errcode, errmsg=str(body.get("errmsg", "")), call=call)
        return dict(body)


def fit_field(name: str, value: str) -> str:
    """Cut a text to what its template field may hold: 20 characters for `thing`, 10 for `name`, 5 for `phrase`."""
    limits = {"thing": 20, "name": 10, "phrase": 5, "character_string": 32}
    limit = limits.get(name.rstrip(string.digits))
    if limit is None or len(value) <= limit:
        return value
    return value[: limit - 1] + "…"


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise WechatUnreachableError(missing=name)
    return value


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise WechatUnreachableError(missing=name)
    return value


__all__ = [
    "MemoryTokenStore",
    "StoredToken",
    "Suggestion",
    "TextScene",
    "TokenStore",
    "WechatApp",
    "WechatClient",
    "WechatConfigError",
    "WechatError",
    "WechatIdentity",
    "fit_field",
]
