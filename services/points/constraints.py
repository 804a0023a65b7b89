"""What the database's own refusals mean: constraint names and the SQLSTATEs of our functions."""

from collections.abc import Mapping

from services.points.claims.errors import AlreadyVotedError
from services.points.ledger.errors import (
    AccountNotFoundError,
    AlreadyReversedError,
    HoldAlreadyResolvedError,
    InsufficientBalanceError,
)
from services.points.store.errors import ProductCodeTakenError
from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {
    "pk_claim_vote": AlreadyVotedError,
    "ck_account_available": InsufficientBalanceError,
    "pk_hold_end": HoldAlreadyResolvedError,
    "uq_product_community_id_code": ProductCodeTakenError,
    "uq_transfer_community_id_reverses_id": AlreadyReversedError,
    "DP001": InsufficientBalanceError,
    "DP003": AccountNotFoundError,
}
