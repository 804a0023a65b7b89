"""The log's mathematics: canonical JSON, domain-tagged hashes, a hash chain for order, an RFC 6962 tree for short proofs.

Nothing here signs: a signature is made elsewhere over `signing_bytes` and carried along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring as _quote
from typing import Any

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = sha256(b"").digest()
CHAIN_START = b"\x00" * 32

TAG_CHAIN = "diyuan.log.chain.v1"
TAG_RECEIPT = "diyuan.receipt.v1"
TAG_TREE_HEAD = "diyuan.tree_head.v1"

_WORDS = {None: "null", True: "true", False: "false"}


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return the one byte string a value has: keys sorted, no spaces, UTF-8, integers only.

    Errors: TypeError for a float (no number near a decision is inexact), a key that is no text, or a value JSON does not know.
    """
    return _write(value).encode()


def _write(value: object) -> str:
    if isinstance(value, str):
        return _quote(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{_quote(key)}:{_write(value[key])}" for key in sorted(value)]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([_write(item) for item in value]) + "]"
    msg = f"canonical JSON does not know {value!r}"
    raise TypeError(msg)


def utc_text(moment: datetime) -> str:
    """Write a moment the one way it is hashed: UTC with microseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def tagged_hash(tag: str, *parts: bytes) -> bytes:
    """Hash parts under a domain tag; lengths are hashed too, so that no two lists of parts collide."""
    digest = sha256(tag.encode() + b"\x00")
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def content_hash(tag: str, value: Mapping[str, Any]) -> str:
    """Return the hex hash of a value under a domain tag, the form shown to people and bound by votes."""
    return tagged_hash(tag, canonical_json(value)).hex()


def leaf_hash(data: bytes) -> bytes:
    """Return the RFC 6962 hash of a leaf."""
    return sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the RFC 6962 hash of an inner node."""
    return sha256(NODE_PREFIX + left + right).digest()


def next_chain(previous: bytes, leaf: bytes) -> bytes:
    """Return the chain value after a leaf; it fixes the order of everything before it."""
    return tagged_hash(TAG_CHAIN, previous, leaf)


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the perfect subtrees of a log, left to right: enough to append without reading the log again."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier with one more leaf hash."""
        peaks = [*self.peaks, leaf]
        size = self.size
        while size & 1:
            right = peaks.pop()
            peaks[-1] = node_hash(peaks[-1], right)
            size >>= 1
        return Frontier(self.size + 1, tuple(peaks))

    def root(self) -> bytes:
        """Return the tree root over all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 root over leaf hashes."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the proof that the leaf at `index` is in the tree.

    Errors: IndexError outside the tree.
    """
    if not 0 <= index < len(leaves):
        msg = f"no leaf {index} in a tree of {len(leaves)}"
        raise IndexError(msg)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_path(index, leaves[:split]), tree_root(leaves[split:])]
    return [*inclusion_path(index - split, leaves[split:]), tree_root(leaves[:split])]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a path proves that a leaf is at `index` in the tree of `size` with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            current = node_hash(sibling, current)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            current = node_hash(current, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and current == root


def consistency_path(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the proof that the first `old_size` leaves are an unchanged beginning of the tree.

    Errors: IndexError when the old tree is larger than the new one.
    """
    if not 0 <= old_size <= len(leaves):
        msg = f"no tree of {old_size} inside a tree of {len(leaves)}"
        raise IndexError(msg)
    if old_size in (0, len(leaves)):
        return []
    return _subproof(old_size, leaves, is_whole=True)


def _subproof(old_size: int, leaves: Sequence[bytes], *, is_whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_whole else [tree_root(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(old_size, leaves[:split], is_whole=is_whole), tree_root(leaves[split:])]
    return [*_subproof(old_size - split, leaves[split:], is_whole=False), tree_root(leaves[:split])]


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether a path proves that the old tree is the beginning of the new one (RFC 9162 §2.1.4.2)."""
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    if old_size == new_size:
        return not path and old_root == new_root
    if not 0 < old_size < new_size or not path:
        return False
    proof = list(path)
    if old_size & (old_size - 1) == 0:
        proof.insert(0, old_root)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The state of one round's log at a moment; published signed, so that history cannot be rewritten unseen."""

    round_id: str
    size: int
    root: bytes
    chain: bytes
    at: datetime

    def signing_bytes(self) -> bytes:
        """Return what the service signs."""
        value = {
            "tag": TAG_TREE_HEAD,
            "round": self.round_id,
            "size": self.size,
            "root": self.root.hex(),
            "chain": self.chain.hex(),
            "at": utc_text(self.at),
        }
        return canonical_json(value)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The promise given to a voter at once: this leaf will be in the log. It never tells the choice."""

    round_id: str
    ballot_id: str
    leaf: bytes
    cast_at: datetime

    def signing_bytes(self) -> bytes:
        """Return what the service signs."""
        value = {
            "tag": TAG_RECEIPT,
            "round": self.round_id,
            "ballot": self.ballot_id,
            "leaf": self.leaf.hex(),
            "cast_at": utc_text(self.cast_at),
        }
        return canonical_json(value)
