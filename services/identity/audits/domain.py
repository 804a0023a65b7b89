"""Audit lines that hold on to each other: changing or dropping one breaks every hash after it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

FIRST_HASH = bytes(32)
"""What the first line of a community holds on to."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to whom, and why. `facts` hold ids and labels, never personal data in clear."""

    act: str
    subject_kind: str
    subject_id: str
    reason: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did which privileged act to whom, and why. `facts` hold ids and labels, never personal data in clear."""

    community_id: UUID
    number: int
    at: datetime
    actor_id: UUID
    actor_name: str
    act: str
    subject_kind: str
    subject_id: str
    reason: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SealedLine:
    """A line with the hash that binds it to the one before."""

    line: AuditLine
    hash: bytes


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a check of the chain found; `broken_at` is the number of the first line that does not fit."""

    checked: int
    last_hash: bytes
    broken_at: int | None = None


def canonical(line: AuditLine) -> bytes:
    """Spell a line in exactly one way, for hashing."""
    members = [
        str(line.community_id),
        line.number,
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(line.actor_id),
        line.actor_name,
        line.act,
        line.subject_kind,
        line.subject_id,
        line.reason,
        dict(sorted(line.facts.items())),
    ]
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def seal(line: AuditLine, previous: bytes) -> SealedLine:
    """Bind a line to the one before it."""
    return SealedLine(line, hashlib.sha256(previous + canonical(line)).digest())


def check_chain(lines: Iterable[SealedLine], check: ChainCheck) -> ChainCheck:
    """Go on checking a chain from where an earlier check stopped; a broken chain stays broken."""
    checked, last = check.checked, check.last_hash
    if check.broken_at is not None:
        return check
    for sealed in lines:
        if sealed.line.number != checked + 1 or seal(sealed.line, last).hash != sealed.hash:
            return ChainCheck(checked, last, broken_at=checked + 1)
        checked, last = sealed.line.number, sealed.hash
    return ChainCheck(checked, last)
