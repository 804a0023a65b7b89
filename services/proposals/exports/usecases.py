"""The export of a vote, so that nobody has to believe us."""

from pathlib import Path
from typing import Final
from uuid import UUID

from services.proposals.ballots import usecases as ballots
from services.proposals.ballots.errors import LogSealedError
from services.proposals.ballots.merkle import utc_text
from services.proposals.exports.bundle import build_bundle
from services.proposals.logs import usecases as logs
from services.proposals.logs.signing import Signer
from services.proposals.rolls import usecases as rolls
from services.proposals.rounds import usecases as rounds
from services.proposals.rounds.domain import Grade
from services.proposals.tallies import usecases as tallies
from services.proposals.tallies.usecases import COUNTERS
from shared.crypto import FieldCipher
from shared.kernel.principal import Principal
from shared.uow import UnitOfWork

VERIFIER: Final = (Path(__file__).parent / "verifier.py").read_text(encoding="utf-8")


async def export_round(
    *, uow: UnitOfWork, principal: Principal, round_id: UUID, cipher: FieldCipher, signer: Signer
) -> bytes:
    """Return the export of a tallied vote: the full edition where the grade or the caller's office allows, else the public one.

    A full edition opens every ballot, so of a vote that is named but not public it is for the committees and supervisors alone.

    Errors: RoundNotFoundError, LogSealedError before the tally.
    """
    row = await rounds.get_round(uow=uow, round_id=round_id)
    if not await tallies.is_tallied(uow=uow, round_id=round_id):
        raise LogSealedError
    is_full = row.grade == Grade.NAMED_PUBLIC or principal.has(*COUNTERS)
    log = [
        {
            "position": entry.position,
            "kind": entry.kind,
            "leaf": entry.leaf,
            "leaf_hash": entry.leaf_hash.hex(),
            "chain": entry.chain.hex(),
        }
        for entry in await logs.list_all(uow=uow, round_id=round_id)
    ]
    heads = [
        {
            "round": str(head.round_id),
            "size": head.size,
            "root": head.root.hex(),
            "chain": head.chain.hex(),
            "at": utc_text(head.signed_at),
            "signature": head.signature.hex(),
        }
        for head in await logs.list_heads(uow=uow, round_id=round_id)
    ]
    roll = opened = None
    if is_full:
        roll = [
            {
                "unit": str(unit.unit_id),
                "label": unit.label,
                "heads": unit.heads,
                "area_cm2e2": unit.area_cm2e2,
                "actors": sorted(str(actor) for actor in unit.actors),
            }
            for unit in await rolls.list_all_units(uow=uow, roll_id=row.roll_id)
        ]
        secret = await rounds.open_key(uow=uow, row=row, cipher=cipher)
        sealed = await ballots.list_sealed(uow=uow, round_id=round_id)
        opened = {
            "secret": secret.hex(),
            "ballots": [{"ballot": str(ballot_id), "sealed": body.hex()} for ballot_id, body in sealed],
        }
    return build_bundle(
        log=log,
        heads={"public_key": signer.public_key.hex(), "heads": heads},
        roll=roll,
        ballots=opened,
        verifier=VERIFIER,
    )
