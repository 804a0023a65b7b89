"""Signed-in clients of one service's app, over ASGI, that hold the app to its own description.

Every problem document that comes back must be declared for its route in OpenAPI; an undeclared one fails the test that met it.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared import db
from shared.auth import ALGORITHM, ISSUER, claims_of
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.problems import codes_of
from shared.runtime import Runtime

TEST_KEYS = {"test": base64.b64encode(b"k" * 32).decode()}
TEST_INDEX_KEY = base64.b64encode(b"i" * 32).decode()
SECONDS_TO_CLOSE = 120


@dataclass
class Signer:
    """Signs access tokens as identity would."""

    clock: FixedClock
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519", {"kid": "test"}))

    def token(self, principal: Principal, *, minutes: int = 60) -> str:
        """Return an access token for a principal."""
        now = int(self.clock.now().timestamp())
        claims = claims_of(principal) | {"iss": ISSUER, "iat": now, "exp": now + minutes * 60, "jti": new_id().hex}
        return jwt.encode({"alg": ALGORITHM, "kid": "test"}, claims, self.key, algorithms=[ALGORITHM])

    async def jwks(self) -> dict[str, Any]:
        """Return the key set identity would publish."""
        return {"keys": [self.key.as_dict(private=False)]}


@pytest.fixture(scope="session")
def signer(clock: FixedClock) -> Signer:
    return Signer(clock)


@contextmanager
def patience() -> Iterator[None]:
    """Let pools that are made meanwhile wait for a lock as long as a slow machine may need: "busy" can then only mean a deadlock."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(db, "LOCK_TIMEOUT_MS", 60_000)
        patched.setattr(db, "STATEMENT_TIMEOUT_MS", 120_000)
        yield


@dataclass
class Apps:
    """Builds each service's runtime and app once per run."""

    database_url: str
    redis_url: str
    signer: Signer
    files_dir: str = ""
    is_patient: bool = True
    """Waits for locks as long as a slow machine may need; without it as long as production does."""
    _runtimes: dict[str, Runtime[Any]] = field(default_factory=dict)
    _apps: dict[str, FastAPI] = field(default_factory=dict)

    def runtime(self, service: str) -> Runtime[Any]:
        """Return a service's runtime on the test servers."""
        if service not in self._runtimes:
            cls = import_module(f"services.{service}.settings").Settings
            settings = cls(
                environment="development",
                database_url=self.database_url,
                redis_url=self.redis_url,
                field_keys=TEST_KEYS,
                index_key=TEST_INDEX_KEY,
                log_level="ERROR",
                **({"media_dir": self.files_dir} if self.files_dir and "media_dir" in cls.model_fields else {}),
            )
            build = import_module(f"services.{service}.main").build_runtime
            with patience() if self.is_patient else nullcontext():
                self._runtimes[service] = build(settings, clock=self.signer.clock, fetch_jwks=self.signer.jwks)
        return self._runtimes[service]

    def app(self, service: str) -> FastAPI:
        """Return a service's app on the test servers."""
        if service not in self._apps:
            self._apps[service] = import_module(f"services.{service}.main").create_app(self.runtime(service))
        return self._apps[service]

    async def close(self) -> None:
        """Close what was opened; what does not end is told, instead of keeping everybody waiting.

        Errors: TimeoutError.
        """
        async with asyncio.timeout(SECONDS_TO_CLOSE):
            for runtime in self._runtimes.values():
                await runtime.close()


@pytest.fixture(scope="session")
async def apps(
    database_url: str, redis_url: str, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Apps]:
    built = Apps(database_url, redis_url, signer, str(tmp_path_factory.mktemp("文件 files")))
    yield built
    await built.close()


class DeclaredProblems(httpx2.AsyncBaseTransport):
    """Fails when an answer is a problem its route does not declare."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._inner = httpx2.ASGITransport(app=app, raise_app_exceptions=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass the request on and check the answer."""
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-type", "").startswith("application/problem+json"):
            await response.aread()
            self._check(request, response.json())
        return response

    def _check(self, request: httpx2.Request, problem: dict[str, Any]) -> None:
        operation = self._operation(request.method, request.url.path)
        if operation is None:
            assert problem["code"] in {"route_not_found", "method_not_allowed"}, problem
            return
        assert problem["code"] in codes_of(operation), (
            f"{request.method} {request.url.path} answered {problem['code']} which its OpenAPI does not declare: {problem}"
        )

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        parts = path.strip("/").split("/")
        best: tuple[int, dict[str, Any]] | None = None
        for template, operations in self._app.openapi()["paths"].items():
            pattern = template.strip("/").split("/")
            same = len(pattern) == len(parts) and all(
                p.startswith("{") or p == q for p, q in zip(pattern, parts, strict=True)
            )
            if same and method.lower() in operations:
                literal = sum(not p.startswith("{") for p in pattern)
                if best is None or literal > best[0]:
                    best = (literal, operations[method.lower()])
        return None if best is None else best[1]


ClientFor = Callable[..., httpx2.AsyncClient]


@pytest.fixture
async def client_for(apps: Apps, signer: Signer) -> AsyncIterator[ClientFor]:
    """Return a maker of clients: `client_for("points", principal)`; without a principal, a visitor."""
    opened: list[httpx2.AsyncClient] = []

    def make(service: str, principal: Principal | None = None) -> httpx2.AsyncClient:
        headers = {} if principal is None else {"Authorization": f"Bearer {signer.token(principal)}"}
        client = httpx2.AsyncClient(
            transport=DeclaredProblems(apps.app(service)), base_url=f"http://{service}.test", headers=headers
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.aclose()


@dataclass(frozen=True)
class People:
    """The principals of one community, made as they are asked for."""

    community_id: UUID

    def resident(self, household_id: UUID | None = None, *roles: Role) -> Principal:
        """Return an adult of a household; a new household when none is named."""
        return Principal(
            account_id=new_id(),
            kind=AccountKind.RESIDENT,
            community_id=self.community_id,
            household_id=household_id or new_id(),
            resident_id=new_id(),
            name="王**",
            roles=self._grants((Role.RESIDENT, *roles)),
        )

    def staff(self, *roles: Role, household_id: UUID | None = None) -> Principal:
        """Return a staff member with community-wide roles, who may also live here."""
        return Principal(
            account_id=new_id(),
            kind=AccountKind.STAFF,
            community_id=self.community_id,
            household_id=household_id,
            name="李**",
            roles=self._grants(roles),
        )

    def client(self, *scopes: str) -> Principal:
        """Return another system with OAuth scopes."""
        return Principal(
            account_id=new_id(), kind=AccountKind.CLIENT, community_id=self.community_id, scopes=frozenset(scopes)
        )

    def _grants(self, roles: tuple[Role, ...]) -> frozenset[RoleGrant]:
        return frozenset(RoleGrant(role, ScopeKind.COMMUNITY, str(self.community_id)) for role in roles)


@pytest.fixture
def people() -> People:
    """The people of a community no other test knows."""
    return People(new_id())


@pytest.fixture
def strangers() -> People:
    """The people of yet another community, for proofs that tenants cannot see each other."""
    return People(new_id())
