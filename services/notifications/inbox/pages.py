"""Which page of the mini-program a tap on an item opens. The same path opens from a WeChat message."""

from collections.abc import Mapping
from uuid import UUID

from services.notifications.inbox.domain import TargetKind

PAGES: Mapping[TargetKind, str] = {
    TargetKind.ACCOUNT: "pages/me/index",
    TargetKind.LEDGER: "pages/points/index",
    TargetKind.AUDIT: "pages/points/audit",
    TargetKind.CLAIM: "pages/points/claim?id={id}",
    TargetKind.PERIOD: "pages/points/period?id={id}",
    TargetKind.RULEBOOK: "pages/points/rulebook?version={number}",
    TargetKind.PRODUCT: "pages/store/product?id={id}",
    TargetKind.STOCKTAKE: "pages/store/stocktake?id={id}",
    TargetKind.REDEMPTION: "pages/store/redemption?id={id}",
    TargetKind.DELIVERY: "pages/store/delivery?id={id}",
    TargetKind.INSTALLATION: "pages/tickets/installation?id={id}",
    TargetKind.MERCHANT: "pages/merchants/detail?id={id}",
    TargetKind.VOUCHER: "pages/merchants/voucher?id={id}",
    TargetKind.SETTLEMENT: "pages/merchants/settlement?id={id}",
    TargetKind.GIG: "pages/gigs/detail?id={id}",
    TargetKind.HELP_REQUEST: "pages/help/detail?id={id}",
    TargetKind.PASSBOOK: "pages/help/passbook",
    TargetKind.ADOPTION: "pages/adoptions/detail?id={id}",
    TargetKind.AWARD: "pages/honours/award?id={id}",
    TargetKind.BOARD_ENTRY: "pages/honours/entry?id={id}",
    TargetKind.CONCERN: "pages/concerns/detail?id={id}",
    TargetKind.PROPOSAL: "pages/proposals/detail?id={id}",
    TargetKind.ROUND: "pages/votes/round?id={id}",
    TargetKind.NOTICE: "pages/notices/detail?id={id}",
    TargetKind.TICKET: "pages/tickets/detail?id={id}",
    TargetKind.ASSET: "pages/me/file?id={id}",
}


def page_of(kind: TargetKind, target_id: UUID) -> str:
    """Return the path of the page that shows a thing."""
    return PAGES[kind].format(id=target_id, number=target_id.int)
