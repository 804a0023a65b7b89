"""A POST that is sent twice happens once, and the second answer is the first one again, refusals included.

The key, a hash of the request and the outcome live in the same transaction as the change. A request in flight holds the key's row, so
its twin waits and then reads the outcome. A refusal is remembered too: the change is rolled back to a savepoint and the refusal is
committed, because a client that retries must not get a different answer by luck.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, cast
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.auth import CurrentPrincipal, runtime_of
from shared.headers import header_of
from shared.kernel.errors import DomainError, InvalidError, Kind
from shared.problems import problem_response
from shared.uow import UnitOfWork, refusal_for, unit_of_work

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSessionTransaction

HEADER: Final = "Idempotency-Key"
_HEADER: Final = HEADER.lower().encode()
REPLAYED: Final = "Idempotency-Replayed"
KEEP: Final = timedelta(days=7)
"""How long an outcome is remembered; a client that retries later than this asks anew."""

TRANSIENT: Final = frozenset({Kind.UNAVAILABLE, Kind.TOO_MANY, Kind.UNAUTHENTICATED})
"""Refusals that a retry is meant to overcome; remembering them would make the retry useless."""

_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")


class IdempotencyKeyInvalidError(InvalidError):
    code = "idempotency_key_invalid"
    title = "请求编号不对"
    detail = "请求编号（Idempotency-Key）应为 1 到 200 个可见的英文字符。"


class IdempotencyKeyReusedError(InvalidError):
    code = "idempotency_key_reused"
    title = "请求编号重复"
    detail = "这个请求编号已经用于另一项内容，请换一个新编号再提交。"


IDEMPOTENCY_ERRORS: Final = (IdempotencyKeyInvalidError, IdempotencyKeyReusedError)


def read_key(request: Request) -> str | None:
    """Return the caller's key, or None when it sent none.

    Errors: IdempotencyKeyInvalidError.
    """
    key = header_of(request.scope, _HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalidError
    return key


async def request_hash(request: Request) -> bytes:
    """Return a hash of what is asked: method, path, query and body; an uploaded file is told apart by its key alone."""
    scope = request.scope  # Not `request.url`, which costs more than the hash.
    digest = hashlib.sha256(f"{scope['method']} {scope['path']}?".encode() + scope["query_string"] + b"\n")
    if not (header_of(scope, b"content-type") or "").startswith("multipart/"):
        digest.update(await request.body())
    return digest.digest()


class _Replay(Exception):  # noqa: N818 - not an error: an answer that already exists.
    def __init__(self, response: Response) -> None:
        self.response = response


@dataclass
class _Command:
    uow: UnitOfWork
    account_id: UUID
    key: str
    savepoint: AsyncSessionTransaction

    async def remember(self, response: Response) -> None:
        await self.uow.session.execute(
            text(
                f"UPDATE {self.uow.service}.idempotency SET status = :status, body = :body, headers = CAST(:headers AS jsonb)"
                " WHERE community_id = :community_id AND account_id = :account_id AND key = :key"
            ),
            {
                "status": response.status_code,
                "body": bytes(response.body),
                "headers": _headers_json(response),
                "community_id": self.uow.community_id,
                "account_id": self.account_id,
                "key": self.key,
            },
        )

    async def refuse(self, response: Response) -> None:
        self.uow.forget_announcements()
        await self.savepoint.rollback()
        await self.remember(response)

    async def keep(self, response: Response) -> None:
        await self.savepoint.commit()
        await self.remember(response)


def _headers_json(response: Response) -> str:
    import json

    return json.dumps(
        {name: response.headers[name] for name in ("content-type", "location", "etag") if name in response.headers}
    )


async def _begin(request: Request, uow: UnitOfWork, account_id: UUID, key: str) -> _Command:
    hashed = await request_hash(request)
    found = {"community_id": uow.community_id, "account_id": account_id, "key": key}
    fresh = await uow.session.execute(
        text(
            f"INSERT INTO {uow.service}.idempotency (community_id, account_id, key, request_hash, created_at)"
            " VALUES (:community_id, :account_id, :key, :hash, :now) ON CONFLICT DO NOTHING RETURNING 1"
        ),
        found | {"hash": hashed, "now": uow.now},
    )
    if fresh.first() is None:
        row = (
            await uow.session.execute(
                text(
                    f"SELECT request_hash, status, body, headers FROM {uow.service}.idempotency"
                    " WHERE community_id = :community_id AND account_id = :account_id AND key = :key"
                ),
                found,
            )
        ).one()
        if row.request_hash != hashed:
            raise IdempotencyKeyReusedError
        raise _Replay(Response(row.body, row.status, headers=dict(row.headers) | {REPLAYED: "true"}))
    return _Command(uow, account_id, key, await uow.session.begin_nested())


async def request_unit_of_work(request: Request, principal: CurrentPrincipal) -> AsyncIterator[UnitOfWork]:
    """Open the request's unit of work in the caller's community; it commits before the response is sent."""
    runtime = runtime_of(request)
    key = read_key(request) if request.method == "POST" else None
    async with unit_of_work(runtime.database, runtime.clock, principal.community_id) as uow:
        if key is not None:
            request.state.command = await _begin(request, uow, principal.account_id, key)
        yield uow


Uow = Annotated[UnitOfWork, Depends(request_unit_of_work, scope="function")]
"""The unit of work of a route. `scope="function"` makes its exit, the commit, come before the answer."""


class CommandRoute(APIRoute):
    """A route whose outcome is remembered under the caller's key.

    FastAPI leaves function-scoped dependencies after the handler returned its response and before that response is sent; in this gap
    the outcome joins the transaction.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]  # Awaitable is what is awaited.
        """Wrap FastAPI's handler with remember and replay."""
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                response = await original(request)
                command = _command_of(request)
                if command is not None:
                    await command.uow.flush()
            except _Replay as replay:
                return replay.response
            except (DomainError, DBAPIError) as error:
                command = _command_of(request)
                refusal = error if isinstance(error, DomainError) else refusal_for(runtime_of(request).database, error)
                if command is None or refusal is None or refusal.kind in TRANSIENT:
                    raise
                response = problem_response(request, refusal)
                await command.refuse(response)
                return response
            if command is not None:
                await command.keep(response)
            return response

        return handler


def _command_of(request: Request) -> _Command | None:
    return cast("_Command | None", cast("Any", request.state)._state.get("command"))  # noqa: SLF001 - getattr would raise for a request without one.
