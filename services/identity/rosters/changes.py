"""What an import would change: the roster compared with what is already known, kind by kind, by key."""

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Changes(Generic[K, V]):
    """The difference of one kind of thing. `changed` maps a key to the new value and the names of the fields that differ."""

    added: Mapping[K, V]
    changed: Mapping[K, tuple[V, tuple[str, ...]]]
    removed: frozenset[K]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would happen."""
        return not (self.added or self.changed or self.removed)

    def counts(self) -> dict[str, int]:
        """Return how many are added, changed and removed."""
        return {"added": len(self.added), "changed": len(self.changed), "removed": len(self.removed)}


def compare(wanted: Mapping[K, V], present: Mapping[K, V]) -> Changes[K, V]:
    """Compare what a roster says with what is known. Values are dataclasses and are compared field by field."""
    changed = {
        key: (value, _differing(value, present[key]))
        for key, value in wanted.items()
        if key in present and present[key] != value
    }
    added = {key: value for key, value in wanted.items() if key not in present}
    return Changes(added, changed, frozenset(present.keys() - wanted.keys()))


def _differing(new: Any, old: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(new) if getattr(new, field.name) != getattr(old, field.name))


@dataclass(frozen=True, slots=True)
class PersonKey:
    """By what a person is recognised: the blind index of the identity number where there is one, household and name beside it."""

    number_index: bytes | None
    household_code: str
    name: str


def match_people(wanted: Iterable[PersonKey], present: Mapping[K, PersonKey]) -> dict[PersonKey, K]:
    """Match the people of a roster with those already known.

    The identity number decides, wherever the person lives now. Who remains is matched by household and name, unless both sides
    carry a number: then they are two people.
    """
    people = list(wanted)
    by_number = {key.number_index: known for known, key in present.items() if key.number_index is not None}
    by_name: dict[tuple[str, str], list[K]] = {}
    for known, key in present.items():
        by_name.setdefault((key.household_code, key.name), []).append(known)
    matched: dict[PersonKey, K] = {}
    for key in people:
        if key.number_index is not None and key.number_index in by_number:
            matched[key] = by_number[key.number_index]
    taken = set(matched.values())
    for key in people:
        if key in matched:
            continue
        for known in by_name.get((key.household_code, key.name), ()):
            if known not in taken and (key.number_index is None or present[known].number_index is None):
                matched[key] = known
                taken.add(known)
                break
    return matched


def digest(changes: Iterable[Changes[Any, Any]]) -> str:
    """Return a fingerprint of the differences, so that applying can tell whether they are still the ones that were shown."""
    sha = hashlib.sha256()
    for part in changes:
        lines = [f"+{key}" for key in part.added]
        lines += [f"~{key} {' '.join(names)}" for key, (_, names) in part.changed.items()]
        lines += [f"-{key}" for key in part.removed]
        sha.update("\n".join(sorted(lines)).encode())
        sha.update(b"\x00")
    return sha.hexdigest()
