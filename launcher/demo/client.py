"""A small client of the public HTTP API: signs in, waits when asked to, reads lists to their end."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

_BUSY = frozenset({429, 502, 503, 504})
_PATIENCE_SECONDS = 120.0


class ApiRefusedError(Exception):
    """The API refused what the loader asked; `problem` is what it said."""

    def __init__(self, method: str, path: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(f"{method} {path}: {status} {problem.get('code', '')} {problem.get('detail', '')}")

    @property
    def code(self) -> str:
        """The stable code of the refusal."""
        return str(self.problem.get("code", ""))


def one_time_code(secret: str, at: datetime) -> str:
    """Return the six digits an authenticator app shows at a moment.

    Source: RFC 6238 with the defaults of every app.
    """
    padded = secret + "=" * (-len(secret) % 8)
    counter = int(at.timestamp()) // 30
    digest = hmac.new(base64.b32decode(padded), counter.to_bytes(8, "big"), "sha1").digest()
    offset = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


@dataclass
class ApiClient:
    """One signed-in caller. A POST carries a key, so that a repeat after a lost answer does nothing twice."""

    http: httpx2.AsyncClient
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    token: str = ""

    async def sign_in(self, user_name: str, password: str, totp_secret: str, community_id: str | None = None) -> str:
        """Sign in as staff and return the community's id."""
        body = {"user_name": user_name, "password": password, "community_id": community_id, "device": "示范社区导入"}
        if totp_secret:
            body["totp_code"] = one_time_code(totp_secret, self.now())
        answer = await self.post("/api/v1/identity/staff_sessions", body)
        self.token = answer["access_token"]
        return str(answer["community_id"])

    async def get(self, path: str) -> Any:
        """Read.

        Errors: ApiRefusedError.
        """
        return (await self._send("GET", path)).json()

    async def post(self, path: str, body: Any = None, *, files: Any = None, key: str | None = None) -> Any:
        """Send a command.

        Errors: ApiRefusedError.
        """
        response = await self._send("POST", path, json=body, files=files, key=key)
        return response.json() if response.content else None

    async def items(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the rows of a list, page after page."""
        cursor: str | None = None
        while True:
            sign = "&" if "?" in path else "?"
            page = await self.get(path if cursor is None else f"{path}{sign}cursor={cursor}")
            for row in page["items"]:
                yield row
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def _send(
        self, method: str, path: str, *, json: Any = None, files: Any = None, key: str | None = None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        waited = 0.0
        while True:
            response = await self.http.request(method, path, json=json, files=files, headers=headers)
            if response.status_code not in _BUSY or waited >= _PATIENCE_SECONDS:
                break
            pause = min(float(response.headers.get("Retry-After", 1)), 10.0)
            waited += pause
            await asyncio.sleep(pause)
        if response.is_success:
            return response
        is_problem = "json" in response.headers.get("content-type", "")
        raise ApiRefusedError(
            method, path, response.status_code, response.json() if is_problem else {"detail": response.text[:200]}
        )
