"""What seals' API says."""

from datetime import datetime

from pydantic import Field

from services.points.seals.domain import Seal
from shared.schemas import Output


class SealRead(Output):
    """All books of the community at a moment, in one hash."""

    number: int = Field(description="Number of the seal, from 1.", examples=[42])
    code: str = Field(description="Short form printed on notices.", examples=["3F2A 91C0 77DE 04B8"])
    hash: str = Field(description="SHA-256 of the seal, in hex.")
    root: str = Field(description="Merkle root over every account's id, version and last hash, in hex.")
    previous_hash: str = Field(description="Hash of the seal before; zeros for the first.")
    made_at: datetime = Field(description="When it was made, UTC.")
    accounts: int = Field(description="How many accounts it covers.", examples=[8304])
    totals: dict[str, dict[str, int]] = Field(
        description="Per asset what each kind of account and each of the community's own accounts holds; they sum to zero.",
        examples=[{"spendable": {"household": 415200, "issuance": -415200}}],
    )


def seal_read(seal: Seal) -> SealRead:
    """Return a seal as it is told."""
    return SealRead(
        number=seal.number,
        code=seal.code,
        hash=seal.hash.hex(),
        root=seal.root.hex(),
        previous_hash=seal.previous_hash.hex(),
        made_at=seal.made_at,
        accounts=seal.accounts,
        totals={asset: dict(owners) for asset, owners in seal.totals.items()},
    )
