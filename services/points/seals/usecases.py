"""What the night and supervisors do with seals, and what anybody may read."""

import asyncio
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import IO, Any, Final

from services.points.seals import repository
from services.points.seals.bundle import EPOCH, NOTE, Counted, manifest
from services.points.seals.domain import Head, Seal, next_due_at, seal
from shared.contracts.events import BooksSealed
from shared.db import Database
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

IN_MEMORY_BYTES: Final = 16 * 2**20
"""An export larger than this waits on disk while it is sent."""


async def seal_books(*, uow: UnitOfWork, principal: Principal | None) -> Seal | None:
    """Seal the community's books as they stand; the clock has no principal and seals once a day.

    Entries being written are wholly in or wholly out: the books are read by one statement.

    Locks/IO: the community's schedule, so that seals follow one another. No account is locked.
    Errors: ForbiddenError.
    Idempotency: the clock's seal is without effect when it is no longer due.
    """
    if principal is not None:
        principal.require(Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    schedule = await repository.lock_schedule(uow.session, uow.community_id, uow.now, only_due=principal is None)
    if schedule is None:
        return None
    previous = await repository.find_latest(uow.session)
    heads, system = await repository.read_books(uow.session)
    made = seal(community_id=uow.community_id, previous=previous, made_at=uow.now, heads=heads, system=system)
    await repository.add(uow.session, made, heads, None if principal is None else principal.account_id)
    await repository.postpone(uow.session, next_due_at(uow.now))
    uow.announce(
        uow.community_id,
        BooksSealed(number=made.number, hash=made.hash.hex(), root=made.root.hex(), made_at=made.made_at),
    )
    return made


async def latest_seal(*, uow: UnitOfWork) -> Seal | None:
    """Return the community's last seal, or None before the first."""
    return await repository.find_latest(uow.session)


async def get_seal(*, uow: UnitOfWork, number: int) -> Seal:
    """Return a seal by its number.

    Errors: SealNotFoundError.
    """
    return await repository.get(uow.session, number)


async def list_seals(*, uow: UnitOfWork, page: PageRequest) -> Slice[Seal]:
    """Return seals, newest first."""
    return await repository.list_page(uow.session, page)


async def list_leaves(*, uow: UnitOfWork, number: int) -> list[Head]:
    """Return where every account stood when a seal was made, so that its root can be computed again."""
    return await repository.list_leaves(uow.session, number)


async def seal_daily(*, uow: UnitOfWork) -> None:
    """Make the daily seal when it is due.

    Locks/IO: the community's schedule unless somebody is at it.
    """
    await seal_books(uow=uow, principal=None)


async def export_books(*, database: Database, principal: Principal, now: datetime) -> IO[bytes]:
    """Return a zip of all books of the community with the program that checks them, as an open file.

    Accounts are named by ids; nobody's name is in it.

    Locks/IO: one read-only connection; the books stand still for it while others go on posting.
    Errors: ForbiddenError.
    """
    principal.require(Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
    out: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - closed by who sends it.
    members: dict[str, Counted] = {}
    with zipfile.ZipFile(out, "w") as bundle:
        verifier = (resources.files("services.points.ledger") / "verify.py").read_text(encoding="utf-8")
        _add(bundle, "README.txt", NOTE.encode())
        _add(bundle, "verify.py", verifier.encode())
        async with repository.snapshot(database, principal.community_id) as session:
            for name in repository.EXPORTS:
                counted = members[f"{name}.jsonl"] = Counted()
                with bundle.open(_member(f"{name}.jsonl"), "w", force_zip64=True) as member:
                    async for rows in repository.stream(session, name):
                        await asyncio.to_thread(_write, member, counted, rows)
        _add(bundle, "manifest.json", manifest(principal.community_id, now, members))
    out.seek(0)
    return out


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _add(bundle: zipfile.ZipFile, name: str, content: bytes) -> None:
    bundle.writestr(_member(name), content)


def _write(member: IO[bytes], counted: Counted, rows: Sequence[Any]) -> None:
    member.write(b"".join(counted.line(row) for row in rows))
