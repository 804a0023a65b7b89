"""How an event class gets its name, and how a reader finds the class of a name.

A reader ignores fields it does not know and a writer never removes or re-types one; what cannot be added gets a new version. One
recorded JSON per type and version lives in `tests/contracts/events/` and must parse for ever.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar


class Event(Protocol):
    """What every event class carries besides its facts."""

    event_type: ClassVar[str]
    event_version: ClassVar[int]


E = TypeVar("E", bound=type[Any])

REGISTRY: dict[tuple[str, int], type[Any]] = {}
"""(type, version) → class, for everyone who reads streams."""


def event(event_type: str, version: int = 1) -> Callable[[E], E]:
    """Name an event class `<service>.<fact>` and enter it into the registry.

    Errors: ValueError when the name is taken.
    """

    def register(cls: E) -> E:
        if (event_type, version) in REGISTRY:
            msg = f"event {event_type} v{version} is defined twice"
            raise ValueError(msg)
        cls.event_type = event_type
        cls.event_version = version
        REGISTRY[event_type, version] = cls
        return cls

    return register


class Named:
    """Base of every event class, so that a type checker knows their names."""

    event_type: ClassVar[str]
    event_version: ClassVar[int]
