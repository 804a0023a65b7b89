"""What is told of allied shops: to those who hold their vouchers, to the shops, and to those who settle with them."""

from collections.abc import Mapping
from typing import Any

from services.notifications.inbox.dates import until, yuan
from services.notifications.inbox.domain import Draft, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import because, step
from services.notifications.recipients.domain import Accounts, Audience, Holders, Household
from shared.contracts import events as facts
from shared.kernel.principal import Role

_ADMINS = Holders((Role.COMMUNITY_ADMIN,))
_COMMITTEE = Holders((Role.COMMITTEE_MEMBER, Role.SUPERVISOR))
"""Who answers a shop's doubts and signs what it is owed."""
_SHOP_STEPS: Mapping[str, tuple[str, str]] = {
    "approve": ("商家申请通过了", "“{name}”已经加入商家联盟。接下来请添加优惠，社区看过后就能用。"),
    "refuse": ("商家申请没有通过", "“{name}”这次没有加入商家联盟。{why}改好后可以再申请。"),
    "suspend": ("店铺暂停了", "“{name}”暂时不能收券。{why}有疑问请找社区。"),
    "resume": ("店铺恢复了", "“{name}”恢复了，可以照常收券。"),
    "close": ("店铺退出了联盟", "“{name}”已经退出商家联盟，没结的账照样结清。{why}"),
}
"""Action → title and body for whoever applied for the shop."""


def _merchant_moved(event: facts.MerchantMoved) -> list[Draft]:
    audience: Audience
    if event.state == "applied":
        audience, title = _ADMINS, "有商家申请加入"
        body = f"“{event.name}”申请加入商家联盟，请核实后同意，或者说明不同意的原因。"
    elif event.action in _SHOP_STEPS:
        audience = Accounts((event.account_id,))
        title, text = _SHOP_STEPS[event.action]
        body = text.format(name=event.name, why=because(event.reason))
    else:
        return []
    return [
        Draft(
            fact_key=f"merchant:{event.merchant_id}:{step(event.action, event.moved_at)}",
            audience=audience,
            topic=Topic.MERCHANTS,
            title=title,
            body=body,
            target_kind=TargetKind.MERCHANT,
            target_id=event.merchant_id,
        )
    ]


def _voucher_moved(event: facts.VoucherMoved) -> list[Draft]:
    what = f"“{event.title}”（{event.merchant_name}）"
    back = f"，{event.points} 分退回您家" if event.points else ""
    match event.state:
        case "issued":
            cost = f"用了 {event.points} 分，" if event.points else ""
            by = f"请在 {until(event.expires_at)} 前" if event.expires_at else "请早点"
            title, body = "领到一张券", f"{what}领好了，{cost}{by}到店出示券码使用，券码不要告诉别人。"
        case "used":
            cost = f"，扣了 {event.points} 分" if event.points else ""
            title, body = "券用掉了", f"{what}已经在店里用掉{cost}。不是您家用的，请马上告诉社区。"
        case "expired":
            title, body = "券过期了", f"{what}到期没有用，已经作废{back}。"
        case "refunded":
            title, body = "券退好了", f"{what}已经退掉{back}。"
        case _:
            return []
    return [
        Draft(
            fact_key=f"voucher:{event.voucher_id}:{event.state}",
            audience=Household(event.household_id),
            topic=Topic.MERCHANTS,
            title=title,
            body=body,
            target_kind=TargetKind.VOUCHER,
            target_id=event.voucher_id,
        )
    ]


def _settlement_moved(event: facts.SettlementMoved) -> list[Draft]:
    month = f"{event.month.year}年{event.month.month}月"
    bill = f"{month}用掉 {event.vouchers} 张券，应付 {yuan(event.value_fen)}"
    why, shop = because(event.reason), Accounts((event.account_id,))
    match event.state:
        case "drafted":
            return [_bill(event, shop, f"{month}的账单请核对", f"{bill}。对的请确认，不对请提出疑问。{why}")]
        case "disputed":
            body = f"{month}的账单有疑问，先不付款。{why}"
            return [
                _bill(event, shop, f"{month}的账单有疑问", f"{body}社区核对后会重新发给您确认。"),
                _bill(event, _COMMITTEE, "商家账单有疑问，请核对", f"{body}请核对后答复。", ":desk"),
            ]
        case "merchant_confirmed":
            body = f"商家已经确认：{bill}。请核对后签字；不对请提出疑问。"
            return [_bill(event, _COMMITTEE, "商家账单请核对签字", body, ":desk")]
        case "community_confirmed":
            return [
                _bill(event, shop, f"{month}的账单社区签好了", f"{bill}，社区已经签字，接下来付款。"),
                _bill(event, _ADMINS, "商家账单请付款", f"商家和社区都已确认：{bill}。请付款并登记。", ":desk"),
            ]
        case "paid":
            return [_bill(event, shop, f"{month}的货款付了", f"{bill}，已经付清。没有收到请告诉社区。")]
        case _:
            return []


def _bill(event: facts.SettlementMoved, audience: Audience, title: str, body: str, which: str = "") -> Draft:
    return Draft(
        fact_key=f"settlement:{event.settlement_id}:{step(event.state, event.moved_at)}{which}",
        audience=audience,
        topic=Topic.MERCHANTS,
        title=title,
        body=body,
        target_kind=TargetKind.SETTLEMENT,
        target_id=event.settlement_id,
    )


TELLERS: Mapping[type[Any], Teller] = {
    facts.MerchantMoved: _merchant_moved,
    facts.VoucherMoved: _voucher_moved,
    facts.SettlementMoved: _settlement_moved,
}
