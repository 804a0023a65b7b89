"""A lock that a use case asks for in Python, and two people who meet at it.

The lock is taken out where it is asked for: in one function of one slice's repository, and nowhere else.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import true
from sqlalchemy.sql.selectable import GenerativeSelect

from services.points.ledger import usecases as ledger
from tests.points.claims_kit import ClaimsKit
from tests.points.gigs.conftest import Market
from tests.points.locks.races import Act, World
from tests.points.shop_kit import ShopKit
from tests.points.time_bank.conftest import Bank

ASKED = {
    "pg_try_advisory_xact_lock(": "0 < abs(",
    "pg_advisory_xact_lock_shared(": "abs(",
    "pg_advisory_xact_lock(": "abs(",
    " FOR UPDATE SKIP LOCKED": "",
    " FOR UPDATE": "",
}
"""How a statement asks for a lock, and what is left of it without."""
ALL_AT_ONCE = ("gig_places.lock_parties", "passbooks.lock_purses")
"""Use cases that lock what others are about to move between, all of it at once."""


@dataclass
class Town(World):
    """One community with everybody in it."""

    @property
    def market(self) -> Market:
        """The gig market."""
        return Market(self.client_for, self.people, self.open_household, self.clock)

    @property
    def bank(self) -> Bank:
        """The time bank."""
        return Bank(self.client_for, self.people, self.open_household, self.hear, self.clock)

    @property
    def shops(self) -> ShopKit:
        """The alliance of shops."""
        return ShopKit(self.client_for, self.people)

    @property
    def claims(self) -> ClaimsKit:
        """Everybody who has to do with claims."""
        return ClaimsKit(self.client_for, self.people, self.hear)

    async def crosswise(self, one: Act, other: Act) -> str:
        """Let each stop after its first transfer until the other has made one too, or waits; return what they were told, each once."""
        post, stopped = ledger.post, set[Any]()

        async def stops(**facts: Any) -> UUID:
            transfer = await post(**facts)
            if (me := asyncio.current_task()) not in stopped:
                stopped.add(me)
                while len(stopped) == 1 and not await self.waiting():  # noqa: ASYNC110 - the server makes it true.
                    await asyncio.sleep(0.005)
            return transfer

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(ledger, "post", stops)
            return ", ".join(sorted(set(await asyncio.gather(self.told(one), self.told(other)))))

    async def of(self, table: str, column: str, row_id: UUID | str) -> Any:
        """Return what stands in a column of a row."""
        return await self.owner.fetchval(f"SELECT {column} FROM points.{table} WHERE id = $1", UUID(str(row_id)))


@dataclass(frozen=True)
class Meeting:
    """Who meets at a lock, and what the second is told with it and without.

    `lock` is a slice and the function of its repository that asks for the lock, or a use case that does nothing else.
    """

    lock: str
    meet: Callable[[Town], Awaitable[str]]
    sound: str
    broken: str
    breaks: frozenset[str] = frozenset()


def does(usecase: Callable[..., Awaitable[Any]], **facts: Any) -> Act:
    """Return an act that is one use case; what it returns is not told."""

    async def act(uow: Any) -> None:
        await usecase(uow=uow, **facts)

    return act


async def _nothing(**_: Any) -> None:
    pass


@contextmanager
def without(lock: str) -> Iterator[None]:
    """Let the statements of one function ask for no lock, or let a use case that only locks do nothing."""
    slice_name, function = lock.split(".")
    usecases = import_module(f"services.points.{slice_name}.usecases")
    if lock in ALL_AT_ONCE:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(usecases, function, _nothing)
            yield
        return
    repository = import_module(f"services.points.{slice_name}.repository")
    ask, write, call = (
        GenerativeSelect.with_for_update,
        getattr(repository, "text", None),
        getattr(repository, "func", None),
    )
    taken_out = 0

    def is_asked() -> bool:
        code = sys._getframe(2).f_code
        return (code.co_filename, code.co_name) == (repository.__file__, function)

    def asks(statement: Any, **how: Any) -> Any:
        nonlocal taken_out
        if not is_asked():
            return ask(statement, **how)
        taken_out += 1
        return statement

    def writes(statement: str) -> Any:
        nonlocal taken_out
        assert write is not None
        if is_asked():
            plain = statement
            for lock_words, rest in ASKED.items():
                plain = plain.replace(lock_words, rest)
            taken_out += plain != statement
            statement = plain
        return write(statement)

    class Calls:
        def __getattr__(self, name: str) -> Any:
            nonlocal taken_out
            if not name.endswith("advisory_xact_lock") or not is_asked():
                return getattr(call, name)
            taken_out += 1
            return lambda *_: true()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(GenerativeSelect, "with_for_update", asks)
        if call is not None:
            patched.setattr(repository, "func", Calls())
        if write is not None:
            patched.setattr(repository, "text", writes)
        yield
    assert taken_out, f"{lock} asked for no lock"
