"""What the API of the log says. Hashes, keys and signatures are hex."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.schemas import Output


class TreeHeadRead(Output):
    """A signed state of a round's log."""

    round_id: UUID = Field(description="The round.")
    size: int = Field(description="Entries in the log.", examples=[27])
    root: str = Field(description="RFC 6962 root over all entries, hex.")
    chain: str = Field(description="End of the hash chain, hex.")
    signed_at: datetime = Field(description="When it was signed, UTC.")
    signature: str = Field(description="Ed25519 signature over the canonical head, hex.")
    public_key: str = Field(description="Ed25519 public key of the service, hex.")
    key_id: str = Field(description="Short name of the key.")


class InclusionRead(Output):
    """Proof that an entry is in the log."""

    position: int = Field(description="Place of the entry, from 0.", examples=[5])
    leaf_hash: str = Field(description="Hash of the entry, hex.")
    path: list[str] = Field(description="RFC 6962 inclusion path, hex.")
    head: TreeHeadRead = Field(description="The tree it is proved against.")


class ConsistencyRead(Output):
    """Proof that an older log is an unchanged beginning of the newest one."""

    old_size: int = Field(description="Size of the older tree.", examples=[3])
    path: list[str] = Field(description="RFC 6962 consistency path, hex.")
    head: TreeHeadRead = Field(description="The newest tree.")


class LogEntryRead(Output):
    """One event of a round."""

    position: int = Field(description="From 0, without gaps.", examples=[0])
    kind: str = Field(description="freeze, open, cast, close, tally or publish.", examples=["cast"])
    leaf: str = Field(description="Canonical JSON that was hashed; it never holds a choice.")
    leaf_hash: str = Field(description="Its hash, hex.")
    logged_at: datetime = Field(description="When it was appended, UTC.")
