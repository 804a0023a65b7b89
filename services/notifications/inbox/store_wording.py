"""What is told of goods: kept for a household, brought home, fitted, and running low on the shelf."""

from collections.abc import Mapping
from typing import Any

from services.notifications.inbox.dates import until
from services.notifications.inbox.domain import Draft, Push, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import because, step
from services.notifications.messages.templates import TemplateKey, china_time
from services.notifications.recipients.domain import Accounts, Audience, Holders, Household
from shared.contracts import events as facts
from shared.kernel.principal import Role

_FITTERS = Holders((Role.PROPERTY_AGENT, Role.PROPERTY_MANAGER))
"""Who makes appointments to fit what was redeemed."""


def _redemption(event: Any, which: str, title: str, body: str, push: Push | None = None) -> list[Draft]:
    return [
        Draft(
            fact_key=f"redemption:{event.redemption_id}:{which}",
            audience=Household(event.household_id),
            topic=Topic.STORE,
            title=title,
            body=body,
            target_kind=TargetKind.REDEMPTION,
            target_id=event.redemption_id,
            push=push,
        )
    ]


def _reserved(event: facts.RedemptionReserved) -> list[Draft]:
    goods, by = (
        f"“{event.product_name}”{event.quantity} 件已经为您留好，用了 {event.points} 分。",
        until(event.expires_at),
    )
    if event.needs_installation:
        body = f"{goods}物业会跟您约时间上门免费安装，您不用来取；到 {by} 还没装，会自动退分。"
        push = Push(TemplateKey.STORE_PICKUP, event.product_name, "待安装", f"{event.quantity} 件，物业会来约时间")
        return _redemption(event, "reserved", "兑换成功，等物业来安装", body, push)
    body = f"{goods}请在 {by} 前带取货码来领，过时会自动退分。"
    push = Push(TemplateKey.STORE_PICKUP, event.product_name, "待领取", f"{event.quantity} 件，请带取货码")
    return _redemption(event, "reserved", "兑换成功，请来领取", body, push)


def _picked_up(event: facts.RedemptionPickedUp) -> list[Draft]:
    return _redemption(
        event,
        "picked_up",
        "兑换的东西已领走",
        f"“{event.product_name}”{event.quantity} 件已经领走，扣了 {event.points} 分。不是您家领的，请马上告诉积分超市。",
    )


def _released(event: facts.RedemptionReleased) -> list[Draft]:
    is_expired = event.reason == "expired"
    why = "到期没有领取，已经取消" if is_expired else "已经取消"
    return _redemption(
        event,
        "released",
        "兑换已取消，积分已退回",
        f"“{event.product_name}”的兑换{why}，{event.points} 分已经退回您家。",
        Push(TemplateKey.STORE_PICKUP, event.product_name, "已退分", "到期没有领取") if is_expired else None,
    )


def _returned(event: facts.RedemptionReturned) -> list[Draft]:
    return _redemption(
        event,
        "returned",
        "退货已办好，积分已退回",
        f"“{event.product_name}”{event.quantity} 件已经退货，{event.points} 分退回您家。",
    )


def _delivery_moved(event: facts.DeliveryMoved) -> list[Draft]:
    goods, which = f"“{event.product_name}”", f"delivery:{step(event.state, event.moved_at)}"
    match event.state:
        case "requested":
            body = f"{goods}的送货上门正在等邻居来接，有人接了马上告诉您。您也可以自己来领。"
            return _redemption(event, which, "送货上门在等邻居接", body)
        case "taken":
            return _redemption(event, which, "有邻居帮您送货了", f"{goods}有邻居答应帮您送，从超市取出来时再告诉您。")
        case "sent":
            body = f"{goods}已经从超市取出，邻居正给您送来。收到后请报取货码，不要提前告诉别人。"
            push = Push(TemplateKey.STORE_PICKUP, event.product_name, "送货中", "请在家等候，备好取货码")
            carry = f"{goods}交给您了，请送到邻居家，当面请对方报取货码。"
            return [
                *_redemption(event, which, "东西在路上了", body, push),
                _to_volunteer(event, "请把东西送到邻居家", carry),
            ]
        case "delivered":
            thanks = f"{goods}已经送到，谢谢您帮邻居的忙，说好的积分记到您家。"
            return [
                *_redemption(event, which, "东西送到了", f"{goods}已经送到。没有收到，请马上告诉积分超市。"),
                _to_volunteer(event, "送到了，谢谢您", thanks),
            ]
        case "cancelled" if event.volunteer_account_id is not None:
            return [_to_volunteer(event, "不用送了", f"{goods}不用您送了，这一单已经取消。")]
        case _:
            return []


def _to_volunteer(event: facts.DeliveryMoved, title: str, body: str) -> Draft:
    return Draft(
        fact_key=f"delivery:{event.delivery_id}:{step(event.state, event.moved_at)}:volunteer",
        audience=Accounts((event.volunteer_account_id,)),
        topic=Topic.STORE,
        title=title,
        body=body,
        target_kind=TargetKind.DELIVERY,
        target_id=event.delivery_id,
    )


def _to_fitters(event: Any, which: str, title: str, body: str) -> list[Draft]:
    return [
        Draft(
            fact_key=f"installation:{event.redemption_id}:{which}",
            audience=_FITTERS,
            topic=Topic.TICKETS,
            title=title,
            body=body,
            target_kind=TargetKind.INSTALLATION,
            target_id=event.redemption_id,
        )
    ]


def _ordered(event: facts.InstallationOrdered) -> list[Draft]:
    # The household hears of it as a redemption that is fitted; here property hears what there is to do.
    body = f"有一户用积分换了“{event.product_name}”{event.quantity} 件，要免费上门安装。请在 {until(event.expires_at)} 前约好时间装好。"
    return _to_fitters(event, "ordered", f"要上门安装：{event.product_name}", body)


_NOT_FITTED: Mapping[str, str] = {
    "cancelled": "住户取消了",
    "expired": "过了期限",
    "picked_up": "住户自己领回去了",
    "returned": "住户退货了",
}


def _not_fitted(event: facts.InstallationCancelled) -> list[Draft]:
    why = _NOT_FITTED.get(event.reason, "兑换取消了")
    return _to_fitters(event, "cancelled", "有一单不用上门安装了", f"{why}，这一单不用再上门；约好的时间请作废。")


def _scheduled(event: facts.InstallationScheduled) -> list[Draft]:
    at = china_time(event.scheduled_for)
    body = f"物业的{event.worker_name}师傅约在 {at} 上门给您安装，请留人在家。时间不合适请告诉物业客服。"
    push = Push(TemplateKey.STORE_PICKUP, "上门安装", "已约好", at)
    which = f"scheduled:{event.scheduled_for.isoformat()}"
    return _redemption(event, which, "上门安装约好了", body, push)


def _refused(event: facts.InstallationRefused) -> list[Draft]:
    body = (
        f"物业看过，“{event.product_name}”在您家装不了。{because(event.reason)}留出的积分会退回您家，退好了再告诉您。"
    )
    push = Push(TemplateKey.STORE_PICKUP, event.product_name, "装不了", "留出的积分会退回您家")
    return _redemption(event, "refused", "物业装不了，积分退给您", body, push)


def _completed(event: facts.InstallationCompleted) -> list[Draft]:
    body = f"{event.worker_name}师傅已经装好。好用的话请点“验收”，不好用请告诉物业；一直没有回音，过些天就当作验收了。"
    push = Push(TemplateKey.STORE_PICKUP, "上门安装", "待验收", "好用请点验收，不好用请说")
    return _redemption(event, "installed", "装好了，请您验收", body, push)


def _accepted(event: facts.InstallationAccepted) -> list[Draft]:
    if not event.is_silent:
        # The household has just said so itself.
        return []
    body = "装好以后一直没有收到您的意见，就当作验收了。还有问题，请报修，物业照样来修。"
    return _redemption(event, "accepted", "安装当作验收了", body)


def _stock_low(event: facts.StockLow) -> list[Draft]:
    body = f"“{event.product_name}”只剩 {event.available} 件可以换（提醒线是 {event.threshold} 件），请安排进货。"
    return [
        Draft(
            # Told once until goods come in; then the next shortage is news again.
            fact_key=f"stock:{event.product_id}:{step('low', event.told_at)}",
            audience=Holders((Role.STOREKEEPER, Role.COMMUNITY_ADMIN)),
            topic=Topic.STORE,
            title=f"{event.product_name}快没货了",
            body=body,
            target_kind=TargetKind.PRODUCT,
            target_id=event.product_id,
        )
    ]


def _stocktake_moved(event: facts.StocktakeMoved) -> list[Draft]:
    audience: Audience = Accounts((event.account_id,))
    counted = (
        f"有 {event.differences} 批对不上，少 {event.missing} 件、多 {event.extra} 件"
        if event.differences
        else "和账上都对得上"
    )
    match event.state:
        case "submitted":
            audience, title = Holders((Role.SUPERVISOR, Role.COMMUNITY_ADMIN)), "盘点交上来了，请您看看"
            body = f"“{event.title}”盘点好了，{counted}。请看过说明后同意，或者退回重数。"
        case "approved":
            title, body = "盘点通过了", f"“{event.title}”通过了，{counted}，账已经按数好的改过来。"
        case "counting":
            title, body = "盘点退回，请再数一遍", f"“{event.title}”退回来了，请再数一遍。{because(event.reason)}"
        case "cancelled":
            title, body = "盘点作废了", f"“{event.title}”这次盘点作废了，账没有动。{because(event.reason)}"
        case _:
            return []
    return [
        Draft(
            fact_key=f"stocktake:{event.stocktake_id}:{step(event.state, event.moved_at)}",
            audience=audience,
            topic=Topic.STORE,
            title=title,
            body=body,
            target_kind=TargetKind.STOCKTAKE,
            target_id=event.stocktake_id,
        )
    ]


TELLERS: Mapping[type[Any], Teller] = {
    facts.RedemptionReserved: _reserved,
    facts.RedemptionPickedUp: _picked_up,
    facts.RedemptionReleased: _released,
    facts.RedemptionReturned: _returned,
    facts.DeliveryMoved: _delivery_moved,
    facts.InstallationOrdered: _ordered,
    facts.InstallationCancelled: _not_fitted,
    facts.InstallationScheduled: _scheduled,
    facts.InstallationCompleted: _completed,
    facts.InstallationRefused: _refused,
    facts.InstallationAccepted: _accepted,
    facts.StockLow: _stock_low,
    facts.StocktakeMoved: _stocktake_moved,
}
