"""Which headers pass, in both directions."""

import re
from ipaddress import ip_network
from typing import Any

import pytest

from gateway.headers import client_address, inward, outward, passes_inward, request_id_of
from tests.gateway.conftest import Door
from tests.gateway.serving import talk

NETWORKS = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", [b"1.1.1.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", [b"1.1.1.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", [b"1.1.1.1, 198.51.100.7, 10.2.2.2"], "198.51.100.7"),
        ("10.0.0.1", [b"1.1.1.1", b"198.51.100.7, 10.2.2.2"], "198.51.100.7"),
        ("10.0.0.1", [b"rubbish"], "10.0.0.1"),
        ("10.0.0.1", [b"1.1.1.1, rubbish, 10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1", [b"2001:db8::5, 10.2.2.2"], "2001:db8::5"),
        ("10.0.0.1", [b"2001:db9::5"], "2001:db9::5"),
        ("", [b"1.1.1.1"], ""),
    ],
)
def test_forwarded_for_is_believed_only_as_far_as_trusted_proxies_wrote_it(
    peer: str, forwarded: list[bytes], client: str
) -> None:
    assert client_address(peer, forwarded, NETWORKS) == client


def test_without_trusted_proxies_the_peer_is_the_client() -> None:
    assert client_address("10.0.0.1", [b"1.1.1.1"], ()) == "10.0.0.1"


@pytest.mark.parametrize("name", [b"x_principal", b"X-Principal"[0:0] + b"x-principal-roles", b"te", b"content_length"])
def test_spoofable_names_do_not_pass(name: bytes) -> None:
    assert not passes_inward(name)


@pytest.mark.parametrize("name", [b"authorization", b"idempotency-key", b"if-match", b"cookie", b"traceparent"])
def test_ordinary_names_pass(name: bytes) -> None:
    assert passes_inward(name)


@pytest.mark.parametrize(
    "offered", [b"", b"short", b"x" * 65, b"with space!", b"line\nbreak-12", b"-leading-dash", None]
)
def test_a_doubtful_request_id_is_replaced(offered: bytes | None) -> None:
    given = request_id_of(offered)
    assert given != offered
    assert re.fullmatch(rb"[0-9a-f]{32}", given)


def test_a_good_request_id_is_kept() -> None:
    assert request_id_of(b"order-2026-0001") == b"order-2026-0001"


def test_connection_cannot_remove_what_the_door_vouches_for() -> None:
    headers = [(b"connection", b"close, X-Forwarded-For, x-request-id"), (b"x-custom", b"1")]
    vouched = [(b"x-forwarded-for", b"1.2.3.4"), (b"x-request-id", b"r")]
    kept = inward(headers, connection=headers[0][1], vouched=vouched)
    assert (b"x-forwarded-for", b"1.2.3.4") in kept
    assert (b"x-request-id", b"r") in kept
    assert (b"x-custom", b"1") in kept


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_body_has_no_length(status: int) -> None:
    names = [name for name, _ in outward([(b"Content-Length", b"5"), (b"etag", b"x")], status=status, extra=[])]
    assert b"content-length" not in names
    assert b"etag" in names


def test_an_extra_header_replaces_the_default() -> None:
    headers = outward([], status=200, extra=[(b"cross-origin-resource-policy", b"cross-origin")])
    assert [value for name, value in headers if name == b"cross-origin-resource-policy"] == [b"cross-origin"]


async def seen_headers(door: Door, headers: Any) -> dict[str, list[str]]:
    seen: dict[str, list[str]] = {}
    for name, value in (await door.get("/api/v1/points/echo", headers=headers)).json()["headers"]:
        seen.setdefault(name, []).append(value)
    return seen


async def test_spoofed_headers_do_not_arrive(door: Door) -> None:
    seen = await seen_headers(
        door,
        [
            ("X-Principal", "admin"),
            ("X-Principal-Roles", "community_admin"),
            ("X_Principal", "admin"),
            ("X-Forwarded-For", "6.6.6.6"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Prefix", "/evil"),
            ("Forwarded", "for=6.6.6.6"),
            ("X-Real-IP", "6.6.6.6"),
            ("X-Original-URL", "/admin"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("X-Internal-Token", "1"),
            ("Connection", "keep-alive, X-Secret-Hop"),
            ("X-Secret-Hop", "1"),
            ("TE", "trailers"),
            ("Proxy-Authorization", "Basic x"),
            ("Authorization-Hint", "kept"),
            ("Idempotency-Key", "kept"),
        ],
    )
    assert seen["x-forwarded-for"] == ["127.0.0.1"]
    assert seen["x-forwarded-proto"] == ["http"]
    assert seen["x-forwarded-host"] == seen["host"] == [door.url.removeprefix("http://")]
    assert seen["idempotency-key"] == seen["authorization-hint"] == ["kept"]
    gone = {
        "x-principal",
        "x-principal-roles",
        "x_principal",
        "x-forwarded-prefix",
        "forwarded",
        "x-real-ip",
        "x-original-url",
        "x-http-method-override",
        "x-internal-token",
        "x-secret-hop",
        "te",
        "proxy-authorization",
        "connection",
    }
    assert gone & set(seen) == set()


async def test_the_door_adds_no_header_of_its_own_invention(door: Door) -> None:
    answer = await talk(door.url, b"GET /api/v1/points/echo HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
    for name in (b"user-agent", b"accept", b"content-type", b"content-length"):
        assert b'["%s"' % name not in answer
    assert b'["host", "a.example"]' in answer


async def test_repeated_headers_stay_repeated(door: Door) -> None:
    seen = await seen_headers(door, [("X-Many", "a"), ("X-Many", "b")])
    assert seen["x-many"] == ["a", "b"]
    answer = await door.get("/api/v1/points/boast")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_header_values_beyond_ascii_do_not_break_the_door(door: Door) -> None:
    raw = "GET /api/v1/points/echo HTTP/1.1\r\nHost: x\r\nX-Name: 王\r\nConnection: close\r\n\r\n".encode()
    assert (await talk(door.url, raw)).startswith(b"HTTP/1.1 200 ")


async def test_request_id_travels_there_and_back(door: Door) -> None:
    answer = await door.get("/api/v1/points/echo", headers={"X-Request-Id": "journey-0001"})
    assert answer.headers.get_list("x-request-id") == ["journey-0001"]
    assert ["x-request-id", "journey-0001"] in answer.json()["headers"]


async def test_doubtful_request_id_is_replaced_on_the_way(door: Door) -> None:
    answer = await door.get("/api/v1/points/echo", headers={"X-Request-Id": "<script>"})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert ["x-request-id", answer.headers["x-request-id"]] in answer.json()["headers"]


async def test_answers_lose_hop_by_hop_and_boasting_headers_and_gain_protection(door: Door) -> None:
    answer = await door.get("/api/v1/points/boast")
    for name in ("server", "x-powered-by", "access-control-allow-origin", "x-principal-id", "transfer-encoding"):
        assert name not in answer.headers
    assert len(answer.headers.get_list("date")) == 1
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "strict-transport-security" not in answer.headers
    hop = await door.get("/api/v1/points/echo")
    assert "x-hop" not in hop.headers
    assert hop.headers.get_list("x-dup") == ["a", "b"]
    assert hop.headers["cache-control"] == "private, no-cache"


async def test_https_is_declared_when_the_setting_says_so(open_door: Any) -> None:
    door = await open_door(is_https=True)
    answer = await door.get("/api/v1/points/echo")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert ["x-forwarded-proto", "https"] in answer.json()["headers"]


async def test_a_trusted_proxy_names_the_client(open_door: Any) -> None:
    door = await open_door(trusted_proxies=["127.0.0.0/8"])
    seen = await seen_headers(door, [("X-Forwarded-For", "6.6.6.6, 198.51.100.7")])
    assert seen["x-forwarded-for"] == ["198.51.100.7"]


SMUGGLED = b"GET /api/v1/identity/evil HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: 4, 5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: 0x4\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n",
    ],
)
async def test_ambiguous_framing_is_refused_and_hides_no_second_request(door: Door, head: bytes) -> None:
    raw = b"POST /api/v1/points/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head + b"\r\n0\r\n\r\n" + SMUGGLED
    answer = await talk(door.url, raw)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not any("evil" in call for call in door.upstream.calls)


async def test_cors_is_closed(door: Door) -> None:
    answer = await door.get("/api/v1/points/boast", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    preflight = await door.client.options("/api/v1/points/echo", headers=asked)
    assert preflight.status_code == 403
    assert preflight.json()["code"] == "gateway.cors_closed"
    assert "OPTIONS /api/v1/points/echo" not in door.upstream.calls


async def test_cors_opens_for_a_named_site_only(open_door: Any) -> None:
    door = await open_door(cors_origins=["https://app.example"])
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    preflight = await door.client.options("/api/v1/points/echo", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    answer = await door.get("/api/v1/points/boast", headers={"Origin": "https://app.example"})
    assert answer.headers.get_list("access-control-allow-origin") == ["https://app.example"]
    assert answer.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
    other = await door.get("/api/v1/points/boast", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    assert other.headers["vary"] == "Origin"
