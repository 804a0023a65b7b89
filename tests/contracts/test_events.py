"""One recorded JSON for every fact ever told: `events/<type>.v<version>.json` parses for ever."""

import dataclasses
import json
import types
import typing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.contracts import events
from shared.contracts.events import REGISTRY
from shared.outbox import adapter

FOLDER = Path(__file__).parent / "events"
TOLD = {key: cls for key, cls in REGISTRY.items() if cls.__module__.startswith(events.__name__)}
"""What the system tells; tests define facts of their own, which nobody else hears."""


def file_of(event_type: str, version: int) -> str:
    return f"{event_type}.v{version}.json"


def example(cls: type[Any]) -> dict[str, Any]:
    """Return a payload of the right shape, to be made lifelike by hand when a new fact is recorded."""
    hints = typing.get_type_hints(cls)
    return {field.name: _example(hints[field.name], field.name) for field in dataclasses.fields(cls)}


def _example(hint: Any, name: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return _example(next(a for a in arguments if a is not type(None)), name)
    if origin in {tuple, list}:
        return [_example(arguments[0], name)]
    simple: dict[Any, Any] = {
        UUID: "0190a7c4-0000-7000-8000-000000000001",
        str: name,
        int: 1,
        bool: True,
        datetime: datetime(2026, 5, 11, 1, tzinfo=UTC).isoformat().replace("+00:00", "Z"),
        date: "2026-05-11",
    }
    if hint in simple:
        return simple[hint]
    if dataclasses.is_dataclass(hint):
        return example(typing.cast("type[Any]", hint))
    return {}


def missing(folder: Path) -> list[str]:
    """Return which facts have no recording, each with what to write."""
    return [
        f"{folder.name}/{file_of(*key)} is missing; write:\n"
        + json.dumps({"type": key[0], "version": key[1], "payload": example(cls)}, ensure_ascii=False, indent=2)
        for key, cls in sorted(TOLD.items())
        if not (folder / file_of(*key)).exists()
    ]


def read(path: Path) -> Any:
    """Open a recording as a reader of the stream would.

    Errors: KeyError for a fact nobody knows any more, ValidationError for one that no longer fits.
    """
    recorded = json.loads(path.read_text(encoding="utf-8"))
    cls = REGISTRY[recorded["type"], recorded["version"]]
    return adapter(cls).validate_python(recorded["payload"])


def test_every_fact_is_recorded() -> None:
    told = missing(FOLDER)
    assert not told, "\n\n".join(["", *told])


def test_recordings_are_many() -> None:
    assert len(list(FOLDER.glob("*.json"))) >= 20


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_recording_parses(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    assert path.name == file_of(recorded["type"], recorded["version"])
    event = read(path)
    written = adapter(type(event)).dump_python(event, mode="json")
    assert {name: written[name] for name in recorded["payload"]} == recorded["payload"]


@pytest.mark.parametrize("key", sorted(TOLD), ids=lambda key: key[0])
def test_name_and_shape_of_a_fact(key: tuple[str, int]) -> None:
    service, _, fact = key[0].partition(".")
    cls = TOLD[key]
    assert service in {"identity", "points", "proposals", "property", "media", "notifications"}
    assert fact.islower()
    assert cls.__doc__
    assert dataclasses.is_dataclass(cls)
    assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]  # what dataclass() leaves behind.
    assert adapter(cls).validate_python(example(cls))


def put(folder: Path, recorded: dict[str, Any]) -> Path:
    path = folder / file_of(recorded["type"], recorded["version"])
    path.write_text(json.dumps(recorded), encoding="utf-8")
    return path


def test_missing_recording_is_told_with_what_to_write(tmp_path: Path) -> None:
    told = missing(tmp_path)
    assert len(told) == len(TOLD)
    assert '"type": "identity.household_registered"' in "".join(told)


def test_recording_that_no_longer_fits_is_found(tmp_path: Path) -> None:
    good = json.loads((FOLDER / "identity.household_registered.v1.json").read_text(encoding="utf-8"))
    assert read(put(tmp_path, good))
    without = {name: value for name, value in good["payload"].items() if name != "household_id"}
    with pytest.raises(ValidationError):
        read(put(tmp_path, good | {"payload": without}))
    with pytest.raises(ValidationError):
        read(put(tmp_path, good | {"payload": good["payload"] | {"area_cm2e2": "large"}}))
    with pytest.raises(KeyError):
        read(put(tmp_path, good | {"version": 99}))


def test_name_cannot_be_taken_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        events.event("identity.household_registered")(type("Again", (), {}))
