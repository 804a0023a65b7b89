"""A service small enough to see through, on which the plumbing is tried: notes, each in a numbered slot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx2
from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import Field
from sqlalchemy import text

from shared import ddl
from shared.app import create_service_app
from shared.auth import AUTH_ERRORS, CurrentPrincipal
from shared.contracts.events import event
from shared.db import Database
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.ids import new_id
from shared.kernel.errors import ConflictError, NotFoundError, TooManyError
from shared.pagination import CursorInvalidError, Page, Paging, Slice, beyond, page_of
from shared.problems import problems
from shared.runtime import Runtime
from shared.schemas import Input, Int64, Output, ShortText
from shared.settings import ServiceSettings
from shared.testing.clients import TEST_INDEX_KEY, TEST_KEYS

SERVICE = "trial"


@event("trial.note_written")
@dataclass(frozen=True, kw_only=True)
class NoteWritten:
    """A note was written."""

    note_id: UUID
    words: str


class NoteNotFoundError(NotFoundError):
    code = "trial.note_not_found"


class SlotTakenError(ConflictError):
    code = "trial.slot_taken"
    detail = "第 {slot} 格已经有人用了。"


class RefusedError(ConflictError):
    code = "trial.refused"
    detail = "不收“{words}”。"


class WaitError(TooManyError):
    code = "trial.wait"


CONSTRAINTS = {"uq_note_slot": SlotTakenError, "ck_note_words": RefusedError, "DX001": RefusedError}

TABLES = f"""
CREATE SCHEMA {SERVICE};
CREATE TABLE {SERVICE}.note (
    community_id uuid NOT NULL,
    id uuid NOT NULL,
    words text NOT NULL,
    slot integer NOT NULL,
    state text NOT NULL DEFAULT 'open',
    due_at timestamptz,
    CONSTRAINT pk_note PRIMARY KEY (community_id, id),
    CONSTRAINT ck_note_words CHECK (words <> '不收'),
    CONSTRAINT ck_note_unnamed CHECK (words <> '没有名字的约束'),
    CONSTRAINT uq_note_slot UNIQUE (community_id, slot) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE {SERVICE}.diary (
    community_id uuid NOT NULL,
    id uuid NOT NULL,
    line text NOT NULL,
    CONSTRAINT pk_diary PRIMARY KEY (community_id, id)
);
"""


async def build_schema(url: str) -> None:
    """Make the schema as a migration would."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(TABLES)
        for statements in (
            ddl.create_roles(SERVICE),
            ddl.plumbing(SERVICE),
            ddl.tenant_table(SERVICE, "note"),
            ddl.tenant_table(SERVICE, "diary", append_only=True),
        ):
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


class NoteCreate(Input):
    """A note to write."""

    words: ShortText = Field(description="What it says.", examples=["楼道灯坏了"])
    slot: Int64 = Field(0, description="Which slot it takes.", examples=[1])


class NoteRead(Output):
    """A note."""

    id: UUID = Field(description="The note.")
    words: str = Field(description="What it says.")
    slot: int = Field(description="Its slot.")


router = APIRouter(prefix="/api/v1/trial", route_class=CommandRoute)

CREATE_ERRORS = (*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, SlotTakenError, RefusedError, WaitError)


@dataclass
class Hooks:
    """What a test wants to happen inside a request."""

    calls: int = 0
    inside: Callable[[], Any] | None = field(default=None)


hooks = Hooks()


@router.post("/notes", status_code=201, responses=problems(*CREATE_ERRORS))
async def write_note(note: NoteCreate, uow: Uow, principal: CurrentPrincipal, response: Response) -> NoteRead:
    """Write a note."""
    hooks.calls += 1
    note_id = uow.new_id()
    await uow.session.execute(
        text(f"INSERT INTO {SERVICE}.note (community_id, id, words, slot) VALUES (:community_id, :id, :words, :slot)"),
        {"community_id": principal.community_id, "id": note_id, "words": note.words, "slot": note.slot},
    )
    uow.announce(note_id, NoteWritten(note_id=note_id, words=note.words))
    if hooks.inside is not None:
        await hooks.inside()
    if note.words == "拒绝":
        raise RefusedError(words=note.words)
    if note.words == "写完再拒绝":
        await uow.flush()
        raise RefusedError(words=note.words)
    if note.words == "等一等":
        raise WaitError(retry_after_seconds=7)
    if note.words == "函数拒绝":
        await uow.session.execute(
            text("""DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'DX001', DETAIL = '{"words": "函数"}'; END $$""")
        )
    if note.words == "出错":
        msg = "a defect"
        raise RuntimeError(msg)
    response.headers["Location"] = f"/api/v1/trial/notes/{note_id}"
    response.headers["ETag"] = '"1"'
    return NoteRead(id=note_id, words=note.words, slot=note.slot)


@router.get("/notes", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_notes(
    uow: Uow,
    _principal: CurrentPrincipal,
    page: Paging,
    request: Request,
    response: Response,
    words: Annotated[str | None, Query(description="Only these.")] = None,
) -> Page[NoteRead]:
    """List notes by id."""
    from sqlalchemy import Uuid, column

    parts = ["SELECT id, words, slot FROM trial.note WHERE true"]
    facts: dict[str, Any] = {"limit": page.limit + 1}
    if words is not None:
        parts.append("AND words = :words")
        facts["words"] = words
    after = page.after_id()
    statement = text(" ".join([*parts, *(["AND id > :after"] if after else []), "ORDER BY id LIMIT :limit"]))
    if after:
        facts["after"] = after
    assert str(beyond([column("id", Uuid)], [new_id()]))  # what a repository would write
    rows = (await uow.session.execute(statement, facts)).all()
    found = Slice.cut([NoteRead(id=r.id, words=r.words, slot=r.slot) for r in rows], page.limit, lambda n: (n.id,))
    return page_of(found, request, response)


@router.get("/notes/{note_id}", responses=problems(*AUTH_ERRORS, NoteNotFoundError))
async def get_note(note_id: UUID, uow: Uow, _principal: CurrentPrincipal) -> NoteRead:
    """Return a note."""
    query = text(f"SELECT id, words, slot FROM {SERVICE}.note WHERE id = :id")
    row = (await uow.session.execute(query, {"id": note_id})).one_or_none()
    if row is None:
        raise NoteNotFoundError
    return NoteRead(id=row.id, words=row.words, slot=row.slot)


@router.get("/slow", responses=problems(*AUTH_ERRORS))
async def wait_for_lock(uow: Uow, _principal: CurrentPrincipal) -> dict[str, str]:
    """Wait for a lock that a test holds."""
    await uow.session.execute(text("SELECT pg_advisory_xact_lock(4711)"))
    return {"waited": "yes"}


@dataclass
class Trial:
    """The service as it runs in a test."""

    runtime: Runtime[ServiceSettings]
    app: FastAPI

    @property
    def database(self) -> Database:
        """Its database."""
        return self.runtime.database

    async def select(self, statement: str, **facts: object) -> list[Any]:
        """Ask the database as the worker role, which sees every community."""
        async with self.database.worker.connect() as connection:
            return list((await connection.execute(text(statement), facts)).all())


def build(url: str, redis_url: str, clock: Any, fetch_jwks: Any, **overrides: Any) -> Trial:
    """Build the service on a runtime."""
    settings = ServiceSettings(
        environment="development",
        database_url=url,
        redis_url=redis_url,
        field_keys=TEST_KEYS,
        index_key=TEST_INDEX_KEY,
        log_level="ERROR",
        **overrides,
    )
    runtime = Runtime.build(SERVICE, settings, constraints=CONSTRAINTS, clock=clock, fetch_jwks=fetch_jwks)
    return Trial(runtime, create_service_app(runtime, [router], title="试用", description="A service for tests."))


@asynccontextmanager
async def lock_held(database: Database) -> AsyncIterator[None]:
    """Hold the lock that `/slow` waits for."""
    async with database.worker.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(4711)"))
        yield


async def gathered(*awaitables: Any) -> list[Any]:
    """Run things at once and return their results."""
    return list(await asyncio.gather(*awaitables))


def transport(app: FastAPI) -> httpx2.AsyncBaseTransport:
    """Return a client transport that checks declared problems."""
    from shared.testing.clients import DeclaredProblems

    return DeclaredProblems(app)
