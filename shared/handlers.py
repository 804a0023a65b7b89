"""What a service does about others' facts: one at a time, or many of a kind at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.outbox import Envelope
from shared.uow import UnitOfWork

Handler = Callable[[UnitOfWork, Any], Awaitable[None]]
"""Applies one event inside an open unit of work of the event's community."""


@dataclass(frozen=True, slots=True)
class Together:
    """A handler of many facts of one type at once, for those that a roster brings by the thousand."""

    apply: Callable[[UnitOfWork, Sequence[Any]], Awaitable[None]]

    async def __call__(self, uow: UnitOfWork, event: Any) -> None:
        """Apply one fact."""
        await self.apply(uow, [event])


Handlers = Mapping[type[Any], Handler]

Told = tuple[Envelope, Any, Handler]
"""A fact with its envelope and the handler of its type."""


def in_groups(run: Sequence[Told]) -> list[tuple[tuple[str, Handler], list[Told]]]:
    """Return the facts in groups of one type each; within a key the order stays as it was told, across keys it may change.

    A roster tells of each household and then of its members; taken as told, no two neighbours in the stream would be of one type.
    """
    groups: list[tuple[tuple[str, Handler], list[Told]]] = []
    latest_of_type: dict[str, int] = {}
    latest_of_key: dict[str, int] = {}
    for fact in run:
        envelope, _, handler = fact
        at = latest_of_type.get(envelope.type)
        if at is None or at < latest_of_key.get(envelope.key, 0):
            at = len(groups)
            groups.append(((envelope.type, handler), []))
            latest_of_type[envelope.type] = at
        groups[at][1].append(fact)
        latest_of_key[envelope.key] = at
    return groups
