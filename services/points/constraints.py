"""What the database's own refusals mean: constraint names and the SQLSTATEs of our functions."""

from collections.abc import Mapping

from services.points.claims.errors import AlreadyVotedError
from services.points.funds.errors import (
    FundExhaustedError,
    FundNameTakenError,
    FundNotFoundError,
    FundTransferReversedError,
)
from services.points.gig_places.errors import AlreadyTakenError
from services.points.ledger.errors import (
    AccountNotFoundError,
    AlreadyPostedError,
    AlreadyReversedError,
    HoldAlreadyResolvedError,
    HoldNotFoundError,
    InsufficientBalanceError,
    NotReversibleError,
    TransferNotFoundError,
)
from services.points.periods.errors import PeriodAlreadyObjectedError, PeriodClosedError
from services.points.store.errors import ProductCodeTakenError
from services.points.suppliers.errors import SupplierNameTakenError
from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {
    "pk_claim_vote": AlreadyVotedError,
    "ck_account_available": InsufficientBalanceError,
    "pk_hold_end": HoldAlreadyResolvedError,
    "uq_product_community_id_code": ProductCodeTakenError,
    "uq_transfer_community_id_reverses_id": AlreadyReversedError,
    "uq_transfer_community_id_asset_kind_source_id": AlreadyPostedError,
    "DP020": FundExhaustedError,
    "DP021": FundNotFoundError,
    "uq_fund_account_community_id_kind_name": FundNameTakenError,
    "uq_fund_transfer_community_id_reverses_id": FundTransferReversedError,
    "uq_fund_transfer_community_id_kind_source_id": FundTransferReversedError,
    "uq_supplier_community_id_name": SupplierNameTakenError,
    "DP001": InsufficientBalanceError,
    "DP003": AccountNotFoundError,
    "DP041": PeriodClosedError,
    "uq_period_objection_open": PeriodAlreadyObjectedError,
    "DP004": HoldNotFoundError,
    "DP005": TransferNotFoundError,
    "DP006": NotReversibleError,
    "DP007": AlreadyReversedError,
    "uq_gig_place_worker": AlreadyTakenError,
}
