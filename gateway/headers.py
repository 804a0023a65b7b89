"""Which headers pass the door, in both directions, and which the door writes itself."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from os import urandom
from typing import Final

RawHeaders = list[tuple[bytes, bytes]]
Network = IPv4Network | IPv6Network

HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"expect",
        b"http2-settings",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""They belong to one connection (RFC 9110 §7.6.1); `expect` is answered by the server in front of the door."""

OURS_IN_REQUESTS: Final = frozenset(
    {b"forwarded", b"x-http-method-override", b"x-original-url", b"x-real-ip", b"x-request-id", b"x-rewrite-url"}
)
OURS_IN_REQUESTS_PREFIXES: Final = (b"x-principal", b"x-forwarded-", b"x-internal-")

OURS_IN_RESPONSES: Final = frozenset({b"date", b"server", b"x-powered-by", b"x-request-id"})
OURS_IN_RESPONSES_PREFIXES: Final = (b"access-control-", b"x-principal", b"x-internal-")

REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")

SECURITY: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cache-control", b"private, no-cache"),
)
"""Added when the answer does not say otherwise itself."""

SECURITY_OF_PAGES: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=()"),
)
"""Added likewise to what a browser shows as a page; to data they mean nothing."""

HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

_DEFAULT_NAMES: Final = frozenset(name for name, _ in (*SECURITY, *SECURITY_OF_PAGES, HSTS))


@lru_cache(maxsize=1024)
def passes_inward(name: bytes) -> bool:
    """Tell whether a request header may go on to a service.

    A name with an underscore is refused: some servers read `x_principal` as `x-principal`.
    """
    return not (
        name in HOP_BY_HOP or name in OURS_IN_REQUESTS or name.startswith(OURS_IN_REQUESTS_PREFIXES) or b"_" in name
    )


@lru_cache(maxsize=1024)
def passes_outward(name: bytes) -> bool:
    """Tell whether a response header of a service may go on to the client."""
    return not (name in HOP_BY_HOP or name in OURS_IN_RESPONSES or name.startswith(OURS_IN_RESPONSES_PREFIXES))


@lru_cache(maxsize=256)
def _listed(connection: bytes) -> frozenset[bytes]:
    """Return the names a Connection header declares to be hop-by-hop."""
    return frozenset(name.strip().lower() for name in connection.split(b",")) - {b"", b"close", b"keep-alive"}


def inward(
    headers: Iterable[tuple[bytes, bytes]], *, connection: bytes | None, vouched: Iterable[tuple[bytes, bytes]]
) -> RawHeaders:
    """Return the headers a service receives: what may pass, then what the door vouches for.

    `connection` is the Connection header; when it lists names, every one of them is looked for.
    """
    if connection is not None and _listed(connection):
        headers = list(headers)
        dropped = frozenset().union(*(_listed(value) for name, value in headers if name == b"connection"))
        headers = [pair for pair in headers if pair[0] not in dropped]
    kept = [pair for pair in headers if passes_inward(pair[0])]
    kept += vouched
    return kept


def outward(headers: Iterable[tuple[bytes, bytes]], *, status: int, extra: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    """Return the headers a client receives: what may pass, the defaults nobody set, and `extra`."""
    has_no_body = status in {204, 304}
    defaults = SECURITY
    said: set[bytes] = set()
    kept: RawHeaders = []
    dropped: frozenset[bytes] = frozenset()
    for name, value in headers:
        lower = name.lower()
        if passes_outward(lower):
            if has_no_body and lower == b"content-length":
                continue
            if lower in _DEFAULT_NAMES:
                said.add(lower)
            elif lower == b"content-type" and value.startswith(b"text/html"):
                defaults = SECURITY + SECURITY_OF_PAGES
            kept.append((lower, value))
        elif lower == b"connection":
            dropped |= _listed(value)
    if dropped:
        kept = [pair for pair in kept if pair[0] not in dropped]
    for pair in extra:
        if pair[0] in _DEFAULT_NAMES:
            said.add(pair[0])
        kept.append(pair)
    kept.extend(defaults if not said else [pair for pair in defaults if pair[0] not in said])
    return kept


def request_id_of(offered: bytes | None) -> bytes:
    """Return the caller's request id when it is a harmless word of 8 to 64 characters, else a new one."""
    if offered is not None and REQUEST_ID.fullmatch(offered):
        return offered
    return urandom(16).hex().encode()


def client_address(peer: str, forwarded_for: Sequence[bytes], trusted: Sequence[Network]) -> str:
    """Return the address of the client.

    X-Forwarded-For is believed only as far as trusted proxies wrote it: read from the right, the first address that is not
    one of them is the client.
    """
    if not trusted or not _is_within(peer, trusted):
        return peer
    address = peer
    for hop in reversed(b",".join(forwarded_for).decode("latin-1").split(",")):
        candidate = hop.strip()
        try:
            ip_address(candidate)
        except ValueError:
            break
        address = candidate
        if not _is_within(candidate, trusted):
            break
    return address


def _is_within(address: str, networks: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip.version == network.version and ip in network for network in networks)
