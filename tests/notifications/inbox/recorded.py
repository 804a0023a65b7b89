"""The recorded facts of the contract, to be told with what a case changes of them."""

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.contracts import events
from shared.contracts.events import REGISTRY
from shared.outbox import adapter

FOLDER = Path(__file__).parents[2] / "contracts" / "events"
TOLD = {key: cls for key, cls in REGISTRY.items() if cls.__module__.startswith(events.__name__)}
"""What the system tells; tests define facts of their own, which nobody else hears."""

HOUSE, OTHER = UUID(int=3), UUID(int=4)
PERSON, HELPER = UUID(int=5), UUID(int=6)
ACCOUNT, GRID = UUID(int=7), UUID(int=8)
MOMENT = datetime(2026, 5, 14, 10, tzinfo=UTC)
DAY = date(2026, 5, 18)
MIDNIGHT = datetime(2026, 5, 17, 16, tzinfo=UTC)


def recorded(cls: type[Any], **changes: Any) -> Any:
    """Return a fact as it was recorded, with the same ids for the same people everywhere, and with what a case changes."""
    path = FOLDER / f"{cls.event_type}.v{cls.event_version}.json"
    fact = adapter(cls).validate_python(json.loads(path.read_text(encoding="utf-8"))["payload"])
    people = {
        "household_id": HOUSE,
        "account_id": ACCOUNT,
        "poster_household_id": HOUSE,
        "worker_household_id": OTHER,
        "requester_resident_id": PERSON,
        "helper_resident_ids": (HELPER,),
        "resident_id": PERSON,
        "volunteer_account_id": ACCOUNT,
    }
    names = {field.name for field in dataclasses.fields(cls)}
    return dataclasses.replace(fact, **{name: value for name, value in people.items() if name in names} | changes)
