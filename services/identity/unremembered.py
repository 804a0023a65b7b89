"""A unit of work for routes whose answers hold secrets: done once under a key, told once.

The key and a hash of the request are kept, the answer is not, because a secret is written down nowhere. The same request again
changes nothing and is told so.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, IdempotencyKeyReusedError, read_key, request_hash
from shared.kernel.errors import ConflictError
from shared.kernel.principal import Principal
from shared.problems import status_of
from shared.uow import UnitOfWork, unit_of_work


class SecretShownOnceError(ConflictError):
    code = "identity.secret_shown_once"
    title = "已经办理过"
    detail = "这件事已经办理过了；密码、验证码和密钥只显示一次，没有记下的话请重新申领一个。"


SHOWN_ONCE_ERRORS: Final = (*IDEMPOTENCY_ERRORS, SecretShownOnceError)


async def unremembered_unit_of_work(request: Request, principal: CurrentPrincipal) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work that heeds an Idempotency-Key without keeping the answer.

    Locks/IO: the key's row; a twin waits for it.
    Errors: IdempotencyKeyInvalidError, IdempotencyKeyReusedError, SecretShownOnceError.
    Idempotency: under a key the change happens once; a refusal burns no key.
    """
    runtime = runtime_of(request)
    key = read_key(request) if request.method == "POST" else None
    hashed = None if key is None else await request_hash(request)
    async with unit_of_work(runtime.database, runtime.clock, principal.community_id) as uow:
        if key is not None and hashed is not None:
            await _claim(uow, principal, key, hashed)
        yield uow


async def _claim(uow: UnitOfWork, principal: Principal, key: str, hashed: bytes) -> None:
    row = {"community_id": uow.community_id, "account_id": principal.account_id, "key": key}
    fresh = await uow.session.execute(
        text(
            "INSERT INTO identity.idempotency (community_id, account_id, key, request_hash, status, created_at)"
            " VALUES (:community_id, :account_id, :key, :hash, :status, :now) ON CONFLICT DO NOTHING RETURNING 1"
        ),
        row | {"hash": hashed, "status": status_of(SecretShownOnceError), "now": uow.now},
    )
    if fresh.first() is None:
        raise SecretShownOnceError if await _hash_of(uow.session, row) == hashed else IdempotencyKeyReusedError


async def _hash_of(session: AsyncSession, row: dict[str, object]) -> bytes:
    statement = text(
        "SELECT request_hash FROM identity.idempotency"
        " WHERE community_id = :community_id AND account_id = :account_id AND key = :key"
    )
    return bytes((await session.execute(statement, row)).scalar_one())


UnrememberedUow = Annotated[UnitOfWork, Depends(unremembered_unit_of_work, scope="function")]
