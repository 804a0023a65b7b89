"""What happens to the log: events are appended, and everybody may ask for proofs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.proposals.ballots.merkle import (
    Frontier,
    TreeHead,
    canonical_json,
    consistency_path,
    inclusion_path,
    leaf_hash,
    next_chain,
    utc_text,
)
from services.proposals.logs import repository
from services.proposals.logs.errors import LogNotFoundError
from services.proposals.logs.models import LogEntry
from services.proposals.logs.models import TreeHead as TreeHeadRow
from services.proposals.logs.signing import Signer
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

CAST = "cast"


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """Something to append: its kind, the canonical bytes that are hashed, and the ballot when it is one."""

    kind: str
    leaf: bytes
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Where a leaf stands in the newest tree and the path that proves it."""

    position: int
    leaf: bytes
    path: list[bytes]
    head: TreeHeadRow


async def append(*, uow: UnitOfWork, signer: Signer, round_id: UUID, leaves: Sequence[NewLeaf]) -> TreeHeadRow:
    """Append leaves in order and sign the tree after them.

    Locks/IO: the state of the round's log, so that appends follow one another.
    """
    state = await repository.lock_state(uow.session, uow.community_id, round_id)
    frontier, chain = Frontier(state.size, tuple(state.peaks)), state.chain
    entries = []
    for new in leaves:
        hashed = leaf_hash(new.leaf)
        chain = next_chain(chain, hashed)
        entries.append(
            LogEntry(
                community_id=uow.community_id,
                round_id=round_id,
                position=frontier.size,
                kind=new.kind,
                leaf=new.leaf.decode(),
                leaf_hash=hashed,
                chain=chain,
                subject_id=new.subject_id,
                logged_at=uow.now,
            )
        )
        frontier = frontier.append(hashed)
    state.size, state.peaks, state.chain = frontier.size, list(frontier.peaks), chain
    head = TreeHead(str(round_id), frontier.size, frontier.root(), chain, uow.now)
    row = TreeHeadRow(
        community_id=uow.community_id,
        round_id=round_id,
        size=head.size,
        root=head.root,
        chain=head.chain,
        signature=signer.sign(head.signing_bytes()),
        signed_at=head.at,
    )
    await repository.add_entries(uow.session, entries, row)
    return row


async def append_event(
    *, uow: UnitOfWork, signer: Signer, round_id: UUID, kind: str, facts: Mapping[str, Any]
) -> TreeHeadRow:
    """Append one event of a round's life (freeze, open, close, tally, publish).

    Locks/IO: the state of the round's log.
    """
    content = {"tag": f"diyuan.{kind}.v1", "round": str(round_id), "at": utc_text(uow.now), **facts}
    leaf = NewLeaf(kind, canonical_json(content))
    return await append(uow=uow, signer=signer, round_id=round_id, leaves=[leaf])


async def get_head(*, uow: UnitOfWork, round_id: UUID) -> TreeHeadRow:
    """Return the newest signed tree head.

    Errors: LogNotFoundError.
    """
    return await repository.get_head(uow.session, round_id)


async def list_heads(*, uow: UnitOfWork, round_id: UUID) -> Sequence[TreeHeadRow]:
    """Return every tree head of a round, oldest first."""
    return await repository.list_heads(uow.session, round_id)


async def prove_inclusion(*, uow: UnitOfWork, round_id: UUID, leaf: bytes) -> InclusionProof:
    """Prove that a leaf hash is in the newest tree.

    Errors: LogNotFoundError, LeafNotFoundError.
    """
    head = await repository.get_head(uow.session, round_id)
    position = await repository.find_position(uow.session, round_id, leaf)
    hashes = await repository.list_hashes(uow.session, round_id, head.size)
    return InclusionProof(position, leaf, inclusion_path(position, hashes), head)


async def prove_consistency(*, uow: UnitOfWork, round_id: UUID, old_size: int) -> tuple[TreeHeadRow, list[bytes]]:
    """Prove that an older tree is an unchanged beginning of the newest one.

    Errors: LogNotFoundError, also when the older tree is larger than the newest.
    """
    head = await repository.get_head(uow.session, round_id)
    if old_size > head.size:
        raise LogNotFoundError
    return head, consistency_path(old_size, await repository.list_hashes(uow.session, round_id, head.size))


async def list_entries(*, uow: UnitOfWork, round_id: UUID, page: PageRequest) -> Slice[LogEntry]:
    """Return the entries of a round's log in order.

    Errors: LogNotFoundError for a round that is not there or not frozen yet.
    """
    await get_head(uow=uow, round_id=round_id)
    return await repository.list_entries(uow.session, round_id, page)


async def list_all(*, uow: UnitOfWork, round_id: UUID) -> Sequence[LogEntry]:
    """Return the whole log of a round, for the export."""
    return await repository.list_all(uow.session, round_id)


async def count_ballots(*, uow: UnitOfWork, round_id: UUID) -> int:
    """Return how many ballots the log holds."""
    return await repository.count_of_kind(uow.session, round_id, CAST)
