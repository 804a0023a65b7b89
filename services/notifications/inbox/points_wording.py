"""What a household is told of its points and of what it exchanged them for."""

from collections.abc import Mapping
from typing import Any

from services.notifications.inbox.domain import Draft, Push, TargetKind, Teller, Topic
from services.notifications.messages.templates import TemplateKey, china_time
from services.notifications.recipients.domain import Accounts, Household
from shared.contracts import events as facts

_CLAIM_TITLES = {"publicised": "积分申报正在公示", "rejected": "积分申报没有通过"}


def _claim_decided(event: facts.ClaimDecided) -> list[Draft]:
    title = _CLAIM_TITLES.get(event.state)
    if title is None:
        # Steps inside the panel are no news to the household: it hears when its neighbours can see the claim, and the end.
        return []
    is_rejected = event.state == "rejected"
    reason = f"原因：{event.reason}。" if event.reason else ""
    body = (
        f"“{event.item_name}”的申报没有通过。{reason}有疑问可以找网格员。"
        if is_rejected
        else f"“{event.item_name}”的申报已经通过评议，正在公示；公示期满没有异议就会入账。"
    )
    push = Push(TemplateKey.POINTS_RESULT, event.item_name, "未通过" if is_rejected else "公示中", "点开可以看详情")
    return [
        Draft(
            fact_key=f"claim:{event.claim_id}:{event.state}",
            audience=Household(event.household_id),
            topic=Topic.POINTS,
            title=title,
            body=body,
            target_kind=TargetKind.CLAIM,
            target_id=event.claim_id,
            push=push if is_rejected else None,
        )
    ]


def _claim_posted(event: facts.ClaimPosted) -> list[Draft]:
    is_plus = event.points >= 0
    amount = abs(event.points)
    return [
        Draft(
            fact_key=f"claim:{event.claim_id}:posted",
            audience=Household(event.household_id),
            topic=Topic.POINTS,
            title=f"积分{'增加' if is_plus else '扣除'} {amount} 分",
            body=f"“{event.item_name}”已经记账，您家的积分{'增加' if is_plus else '扣除'}了 {amount} 分。",
            target_kind=TargetKind.CLAIM,
            target_id=event.claim_id,
            push=Push(
                TemplateKey.POINTS_RESULT,
                event.item_name,
                "已入账" if is_plus else "已扣除",
                f"{'增加' if is_plus else '扣除'} {amount} 分",
            ),
        )
    ]


def _redemption(event: Any, step: str, title: str, body: str, push: Push | None = None) -> list[Draft]:
    return [
        Draft(
            fact_key=f"redemption:{event.redemption_id}:{step}",
            audience=Household(event.household_id),
            topic=Topic.STORE,
            title=title,
            body=body,
            target_kind=TargetKind.REDEMPTION,
            target_id=event.redemption_id,
            push=push,
        )
    ]


def _redemption_reserved(event: facts.RedemptionReserved) -> list[Draft]:
    until = china_time(event.expires_at)
    return _redemption(
        event,
        "reserved",
        "兑换成功，请来领取",
        f"“{event.product_name}”{event.quantity} 件已经为您留好，用了 {event.points} 分。请在 {until} 前带取货码来领，过时会自动退分。",
        Push(TemplateKey.STORE_PICKUP, event.product_name, "待领取", f"{event.quantity} 件，请带取货码"),
    )


def _redemption_picked_up(event: facts.RedemptionPickedUp) -> list[Draft]:
    return _redemption(
        event,
        "picked_up",
        "兑换的东西已领走",
        f"“{event.product_name}”{event.quantity} 件已经领走，扣了 {event.points} 分。不是您家领的，请马上告诉积分超市。",
    )


def _redemption_released(event: facts.RedemptionReleased) -> list[Draft]:
    is_expired = event.reason == "expired"
    why = "到期没有领取，已经取消" if is_expired else "已经取消"
    return _redemption(
        event,
        "released",
        "兑换已取消，积分已退回",
        f"“{event.product_name}”的兑换{why}，{event.points} 分已经退回您家。",
        Push(TemplateKey.STORE_PICKUP, event.product_name, "已退分", "到期没有领取") if is_expired else None,
    )


def _redemption_returned(event: facts.RedemptionReturned) -> list[Draft]:
    return _redemption(
        event,
        "returned",
        "退货已办好，积分已退回",
        f"“{event.product_name}”{event.quantity} 件已经退货，{event.points} 分退回您家。",
    )


def _asset_rejected(event: facts.AssetRejected) -> list[Draft]:
    reason = f"原因：{event.reason}。" if event.reason else ""
    return [
        Draft(
            fact_key=f"asset:{event.asset_id}:rejected",
            audience=Accounts((event.owner_account_id,)),
            topic=Topic.FILES,
            title="您上传的照片不能显示",
            body=f"您上传的一张照片或一个文件没有通过检查，别人看不到。{reason}请换一张再传。",
            target_kind=TargetKind.ASSET,
            target_id=event.asset_id,
        )
    ]


TELLERS: Mapping[type[Any], Teller] = {
    facts.ClaimDecided: _claim_decided,
    facts.ClaimPosted: _claim_posted,
    facts.RedemptionReserved: _redemption_reserved,
    facts.RedemptionPickedUp: _redemption_picked_up,
    facts.RedemptionReleased: _redemption_released,
    facts.RedemptionReturned: _redemption_returned,
    facts.AssetRejected: _asset_rejected,
}
