"""What routes of this service take from the app that serves them."""

from fastapi import Request

from services.proposals.ballots.repository import BallotPapers
from services.proposals.ballots.sealing import SealingKeys
from services.proposals.logs.signing import Signer, signer_from
from shared.auth import runtime_of


def signer_of(request: Request) -> Signer:
    """Return the service's signer."""
    return signer_from(runtime_of(request).settings.receipt_key.get_secret_value())


def papers_of(request: Request) -> BallotPapers:
    """Return the ballot papers this process keeps."""
    papers: BallotPapers = request.app.state.ballot_papers
    return papers


def sealing_keys_of(request: Request) -> SealingKeys:
    """Return the one-time keys this process seals ballots with at the moment."""
    keys: SealingKeys = request.app.state.sealing_keys
    return keys
