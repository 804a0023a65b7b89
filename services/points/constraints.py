"""What the database's own refusals mean: constraint names and the SQLSTATEs of our functions."""

from collections.abc import Mapping

from services.points.adoptions.errors import AlreadyAdoptedError
from services.points.appeals.errors import AppealOpenError
from services.points.awards.errors import AlreadyNominatedError
from services.points.boards.errors import BoardAlreadyVotedError, BoardEntryOpenError
from services.points.claims.errors import AlreadyVotedError, ResubmissionError
from services.points.deliveries.errors import AlreadyOnItsWayError
from services.points.duties.errors import DutyAlreadyLoggedError
from services.points.expiries.errors import PolicyChangedError
from services.points.funds.errors import (
    FundExhaustedError,
    FundNameTakenError,
    FundNotFoundError,
    FundTransferReversedError,
)
from services.points.gig_places.errors import AlreadyTakenError
from services.points.kinships.errors import KinshipKnownError
from services.points.ledger.errors import (
    AccountNotFoundError,
    AlreadyPostedError,
    AlreadyReversedError,
    HoldAlreadyResolvedError,
    HoldNotFoundError,
    HouseholdClosedError,
    InsufficientBalanceError,
    NotReversibleError,
    TransferNotFoundError,
)
from services.points.merchants.errors import ShopAccountTakenError
from services.points.periods.errors import PeriodAlreadyObjectedError, PeriodClosedError
from services.points.rulebook_drafts.errors import ProposalTakenError
from services.points.settlements.errors import SettlementExistsError
from services.points.store.errors import ProductCodeTakenError
from services.points.suppliers.errors import SupplierNameTakenError
from services.points.time_bank.errors import AlreadyHelpingError, AlreadyTakesPartError
from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {
    "pk_claim_vote": AlreadyVotedError,
    "uq_claim_appeal_open": AppealOpenError,
    "uq_claim_resubmits": ResubmissionError,
    "uq_kinship_standing": KinshipKnownError,
    "uq_rulebook_draft_proposal": ProposalTakenError,
    "ck_account_available": InsufficientBalanceError,
    "pk_points_policy": PolicyChangedError,
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
    "uq_delivery_open": AlreadyOnItsWayError,
    "DP001": InsufficientBalanceError,
    "DP003": AccountNotFoundError,
    "DP041": PeriodClosedError,
    "pk_board_vote": BoardAlreadyVotedError,
    "uq_board_entry_open": BoardEntryOpenError,
    "uq_period_objection_open": PeriodAlreadyObjectedError,
    "DP004": HoldNotFoundError,
    "DP005": TransferNotFoundError,
    "DP006": NotReversibleError,
    "DP007": AlreadyReversedError,
    "DP008": HouseholdClosedError,
    "uq_gig_place_worker": AlreadyTakenError,
    "uq_adoption_live": AlreadyAdoptedError,
    "uq_adoption_duty_community_id_adoption_id_done_on": DutyAlreadyLoggedError,
    "pk_shop_account": ShopAccountTakenError,
    "uq_settlement_community_id_merchant_id_month": SettlementExistsError,
    "uq_award_open": AlreadyNominatedError,
    "uq_help_participant_present": AlreadyHelpingError,
    "uq_help_participant_community_id_request_id_resident_id": AlreadyTakesPartError,
}
