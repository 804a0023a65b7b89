"""Signing keys in the database: made once, encrypted, rotated with overlap, withdrawn at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import text

from services.identity import manage
from services.identity.keys import usecases
from services.identity.keys.domain import PUBLISHED_AFTER, PUBLISHED_BEFORE
from services.identity.keys.errors import KeyNotFoundError
from services.identity.settings import Settings
from services.identity.signing import TokenSigner
from services.identity.worker import renew_signing_key
from shared.auth import ALGORITHM, TokenVerifier
from shared.kernel.clock import FixedClock
from shared.kernel.ids import NO_COMMUNITY
from shared.kernel.principal import Principal, Role
from shared.runtime import Runtime
from shared.testing.clients import Apps, ClientFor, People
from shared.uow import unit_of_work


@pytest.fixture
async def runtime(apps: Apps) -> AsyncIterator[Runtime[Settings]]:
    """The service's runtime without any key; what other tests made is put back afterwards."""
    found: Runtime[Settings] = apps.runtime("identity")
    async with found.database.worker.begin() as connection:
        await connection.execute(
            text("UPDATE identity.signing_key SET withdrawn_at = now() WHERE withdrawn_at IS NULL")
        )
    yield found
    async with found.database.worker.begin() as connection:
        await connection.execute(text("DELETE FROM identity.signing_key"))
    apps.app("identity").state.signer.forget()


async def rotate(runtime: Runtime[Settings]) -> str:
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
        return (await usecases.rotate_signing_key(uow=uow, cipher=runtime.cipher)).kid


async def kids(signer: TokenSigner) -> set[str]:
    return {key["kid"] for key in (await signer.key_set())["keys"]}


async def test_many_processes_make_one_first_key(runtime: Runtime[Settings], people: People) -> None:
    principal = people.staff(Role.INSPECTOR)
    signers = [TokenSigner(runtime) for _ in range(6)]
    await asyncio.gather(*(signer.sign(principal) for signer in signers))
    published = [await kids(signer) for signer in signers]
    assert len(published[0]) == 1
    assert all(one == published[0] for one in published)


async def test_a_rotation_never_breaks_a_token(runtime: Runtime[Settings], people: People, clock: FixedClock) -> None:
    principal, signer = people.staff(Role.INSPECTOR), TokenSigner(runtime)
    verifier = TokenVerifier(signer.key_set, clock)
    before = (await signer.sign(principal)).value
    assert await verifier.verify(before) == principal
    old = await kids(signer)
    new = await rotate(runtime)
    signer.forget()
    assert await kids(signer) == old | {new}
    clock.advance(PUBLISHED_BEFORE)
    after = (await signer.sign(principal)).value
    assert after.split(".")[0] != before.split(".")[0]
    fresh = TokenVerifier(signer.key_set, clock)
    assert await fresh.verify(before) == await fresh.verify(after) == principal
    clock.advance(PUBLISHED_AFTER)
    assert await kids(signer) == {new}


async def test_a_leaked_key_is_gone_at_once(runtime: Runtime[Settings], people: People, clock: FixedClock) -> None:
    principal, signer = people.staff(Role.INSPECTOR), TokenSigner(runtime)
    await signer.sign(principal)
    (leaked,) = await kids(signer)
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
        replacement = await usecases.withdraw_signing_key(uow=uow, cipher=runtime.cipher, kid=leaked)
    signer.forget()
    assert await kids(signer) == {replacement.kid}
    assert await TokenVerifier(signer.key_set, clock).verify((await signer.sign(principal)).value) == principal
    with pytest.raises(KeyNotFoundError):
        async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
            await usecases.withdraw_signing_key(uow=uow, cipher=runtime.cipher, kid="unknown")


async def test_the_worker_renews_an_old_key_and_leaves_a_young_one(
    runtime: Runtime[Settings], clock: FixedClock
) -> None:
    signer = TokenSigner(runtime)
    for _ in range(3):
        await renew_signing_key(runtime)
    assert len(await kids(signer)) == 1
    clock.advance(runtime.settings.signing_key_lifetime)
    for _ in range(3):
        await renew_signing_key(runtime)
    signer.forget()
    assert len(await kids(signer)) == 2


async def test_the_private_half_never_lies_in_clear(runtime: Runtime[Settings], people: People) -> None:
    await TokenSigner(runtime).sign(people.staff(Role.INSPECTOR))
    async with runtime.database.worker.connect() as connection:
        rows = (await connection.execute(text("SELECT private_key, public_key FROM identity.signing_key"))).all()
    assert rows
    for private_key, public_key in rows:
        assert private_key.startswith("test:")
        assert '"d"' not in private_key
        assert "d" not in public_key


async def test_the_key_set_lies_where_verifiers_look(client_for: ClientFor, apps: Apps) -> None:
    client = client_for("identity")
    answers = [await client.get(path) for path in ("/.well-known/jwks.json", "/api/v1/identity/.well-known/jwks.json")]
    assert answers[0].json() == answers[1].json()
    (key,) = answers[0].json()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use"}
    assert answers[0].headers["cache-control"] == "public, max-age=300"


async def test_a_token_says_who_and_for_how_long(runtime: Runtime[Settings], people: People, clock: FixedClock) -> None:
    signer, principal = TokenSigner(runtime), people.resident(None, Role.HOUSEHOLDER)
    token = await signer.sign(principal, lifetime=timedelta(minutes=5))
    claims = jwt.decode(token.value, KeySet.import_key_set(await signer.key_set()), algorithms=[ALGORITHM]).claims
    assert token.expires_in_seconds == 300
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] == int(clock.now().timestamp())
    assert (claims["iss"], claims["sub"], claims["kind"]) == ("diyuan", str(principal.account_id), "resident")
    assert isinstance(principal, Principal)
    assert set(claims) == {"iss", "sub", "kind", "cid", "hid", "rid", "name", "roles", "iat", "exp", "jti"}


async def test_the_operator_sees_rotates_and_withdraws(runtime: Runtime[Settings], clock: FixedClock) -> None:
    first = await manage.run_work(runtime, manage.rotate_key)
    kid = first.split()[1]
    clock.advance(timedelta(minutes=1))
    await manage.run_work(runtime, manage.rotate_key)
    listed = [line for line in (await manage.run_work(runtime, manage.describe_keys)).splitlines() if "已公布" in line]
    assert len(listed) == 2
    told = await manage.run_work(runtime, manage.withdraw_key(kid))
    assert kid in told
    assert f"{kid}  2026-05-11 01:00Z 起签名  已作废" in await manage.run_work(runtime, manage.describe_keys)
