"""The community's seal: one hash that stands for every account, every transfer and the seal before it.

Published on notices, it lets anybody who kept an old notice prove that nothing before it was changed. `ledger/verify.py` computes the
same without this code.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from shared.kernel.clock import CHINA, local_date

TAG: Final = "diyuan.points.seal.v1"
NO_SEAL: Final = bytes(32)
"""What the first seal names as the one before it."""

Totals = Mapping[str, Mapping[str, int]]
"""asset → owner (kind of account, or name of a system account) → points."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain of a live account stands."""

    account_id: UUID
    kind: str
    asset: str
    version: int
    head: bytes
    amount: int
    """Available and held together."""


@dataclass(frozen=True, slots=True)
class Seal:
    """All books of a community at a moment, in one hash."""

    community_id: UUID
    number: int
    made_at: datetime
    accounts: int
    root: bytes
    totals: Totals
    previous_hash: bytes
    hash: bytes

    @property
    def code(self) -> str:
        """Return the short form that is printed on notices: four groups of four characters."""
        text = self.hash.hex()[:16].upper()
        return " ".join(text[i : i + 4] for i in range(0, 16, 4))


def leaf_of(head: Head) -> bytes:
    """Return an account's leaf: its id, how many lines it has, and the hash of the last one."""
    return hashlib.sha256(b"\0" + head.account_id.bytes + head.version.to_bytes(8, "big") + head.head).digest()


def root_of(heads: Sequence[Head]) -> bytes:
    """Return the Merkle root (RFC 6962 pairing) over accounts in the order of their ids."""
    level = [leaf_of(head) for head in sorted(heads, key=lambda head: head.account_id.bytes)]
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [
            hashlib.sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
        ] + odd
    return level[0]


def totals_of(heads: Sequence[Head], system: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """Return what each kind of account and each system account (asset, name) holds; per asset they sum to zero."""
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for head in heads:
        totals[head.asset][head.kind] += head.amount
    for (asset, name), amount in system.items():
        totals[asset][name] += amount
    return {asset: dict(sorted(owners.items())) for asset, owners in sorted(totals.items())}


def seal(
    *,
    community_id: UUID,
    previous: Seal | None,
    made_at: datetime,
    heads: Sequence[Head],
    system: Mapping[tuple[str, str], int],
) -> Seal:
    """Seal the books as they stand."""
    unsealed: dict[str, Any] = {
        "community_id": community_id,
        "number": 1 if previous is None else previous.number + 1,
        "made_at": made_at,
        "accounts": len(heads),
        "root": root_of(heads),
        "totals": totals_of(heads, system),
        "previous_hash": NO_SEAL if previous is None else previous.hash,
    }
    return Seal(**unsealed, hash=hash_of(**unsealed))


def hash_of(
    *,
    community_id: UUID,
    number: int,
    made_at: datetime,
    accounts: int,
    root: bytes,
    totals: Totals,
    previous_hash: bytes,
) -> bytes:
    """Return the hash of a seal's canonical text."""
    content = {
        "tag": TAG,
        "community": str(community_id),
        "number": number,
        "made_at": made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "accounts": accounts,
        "root": root.hex(),
        "totals": totals,
        "previous": previous_hash.hex(),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def next_due_at(now: datetime) -> datetime:
    """Return when the next daily seal is made: the coming midnight in China."""
    return datetime.combine(local_date(now) + timedelta(days=1), time(), CHINA)
