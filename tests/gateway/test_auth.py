"""Tokens are verified at the door with identity's published keys."""

from typing import Any

import pytest
from joserfc.jwk import OKPKey

from gateway.auth import bearer_token
from gateway.errors import RefusalError
from shared.kernel.clock import FixedClock
from shared.testing.clients import People, Signer
from tests.gateway.conftest import Door


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_good_token_passes_and_travels_on(door: Door, signer: Signer, people: People) -> None:
    token = signer.token(people.resident())
    answer = await door.get("/api/v1/points/private", headers=bearing(token))
    assert answer.status_code == 200
    assert ["authorization", f"Bearer {token}"] in answer.json()["headers"]


async def test_a_service_in_this_process_is_told_who_it_is(door: Door, signer: Signer, people: People) -> None:
    """It need not verify the same token again; a service elsewhere has to, because only the token reaches it."""
    principal = people.resident()
    forged = {"diyuan.principal": str(people.staff().account_id)}
    answer = await door.get("/api/v1/points/caller", headers=bearing(signer.token(principal)) | forged)
    assert answer.json() == {"account": str(principal.account_id) if door.mode == "in_process" else None}
    unsigned = await door.get("/api/v1/points/caller", headers=forged)
    assert unsigned.json() == {"account": None}


async def test_no_token_where_one_is_needed(door: Door) -> None:
    answer = await door.get("/api/v1/points/private")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthenticated"
    assert door.upstream.calls == []


async def test_no_token_where_none_is_needed(door: Door) -> None:
    assert (await door.get("/api/v1/points/echo")).status_code == 200


@pytest.mark.parametrize("token", ["rubbish", "a.b.c", "é" * 5, "x" * 9000])
async def test_a_bad_token_is_refused_even_where_none_is_needed(door: Door, token: str) -> None:
    answer = await door.client.get("/api/v1/points/echo", headers={"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401
    assert "GET /api/v1/points/echo" not in door.upstream.calls


async def test_a_strangers_signature_is_refused(door: Door, signer: Signer, people: People) -> None:
    forger = Signer(signer.clock, OKPKey.generate_key("Ed25519", {"kid": "test"}))
    answer = await door.get("/api/v1/points/echo", headers=bearing(forger.token(people.staff())))
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"


async def test_an_old_token_is_refused(door: Door, signer: Signer, people: People, clock: FixedClock) -> None:
    from datetime import timedelta

    token = signer.token(people.resident(), minutes=1)
    assert (await door.get("/api/v1/points/echo", headers=bearing(token))).status_code == 200
    clock.advance(timedelta(minutes=2))
    answer = await door.get("/api/v1/points/echo", headers=bearing(token))
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_expired"


async def test_two_tokens_are_refused(door: Door, signer: Signer, people: People) -> None:
    """One reader would take the first, another the last."""
    headers = [("Authorization", f"Bearer {signer.token(people.resident())}") for _ in range(2)]
    answer = await door.get("/api/v1/points/echo", headers=headers)
    assert answer.status_code == 400
    assert door.upstream.calls == []


async def test_basic_credentials_are_the_services_business(door: Door) -> None:
    answer = await door.get("/api/v1/identity/tokens", headers={"Authorization": "Basic YTpi"})
    assert ["authorization", "Basic YTpi"] in answer.json()["headers"]
    assert (await door.get("/api/v1/points/private", headers={"Authorization": "Basic YTpi"})).status_code == 401


async def test_without_identitys_keys_tokens_wait(make_settings: Any, signer: Signer, people: People) -> None:
    import httpx2

    from gateway.main import create_app
    from tests.gateway.conftest import TEST_ROUTES
    from tests.gateway.serving import serve
    from tests.gateway.upstream import Upstream

    app = create_app(make_settings(), {"points": Upstream()}, routes=TEST_ROUTES)
    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as client:
        answer = await client.get("/api/v1/points/echo", headers=bearing(signer.token(people.resident())))
        assert answer.status_code == 503
        assert answer.json()["code"] == "keys_unavailable"
        assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),
        (b"Bearer abc", "abc"),
        (b"bearer  abc ", "abc"),
        (b"BEARER abc", "abc"),
        (b"Basic abc", None),
        (b"", None),
    ],
)
def test_reading_the_header(header: bytes | None, token: str | None) -> None:
    assert bearer_token(header) == token


@pytest.mark.parametrize("header", [b"Bearer ", b"Bearer", b"Bearer \xff\xfe", b"Bearer " + b"x" * 8193])
def test_what_cannot_be_a_token(header: bytes) -> None:
    with pytest.raises(RefusalError):
        bearer_token(header)
