"""What is told of things in a neighbour's charge, of awards with what they bring, and of the boards."""

from collections.abc import Mapping
from typing import Any

from services.notifications.inbox.dates import china_date, until
from services.notifications.inbox.domain import Draft, Push, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import because, step
from services.notifications.messages.templates import TemplateKey
from services.notifications.recipients.domain import Accounts, Audience, Holders, Household
from shared.contracts import events as facts
from shared.kernel.principal import Role

_COMMITTEE = Holders((Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN))
_SUPERVISORS = Holders((Role.SUPERVISOR,))
_ADOPTION_ASKED: Mapping[str, tuple[str, str]] = {
    "apply": ("有人申请认领", "有邻居想认领“{asset}”，请看过后同意，或者说明不同意的原因。"),
    "ask_renewal": ("有人想继续认领", "“{asset}”的认领人想继续照看，请答复同意不同意。"),
}
"""Action → title and body for the committee."""
_ADOPTION_TOLD: Mapping[str, tuple[str, str]] = {
    "agree": ("认领同意了，请来签字", "您申请认领的“{asset}”社区同意了，请{by}看过约定后签字，过期就作废。"),
    "refuse": ("认领没有同意", "“{asset}”这次没有同意由您认领。{why}可以看看别的。"),
    "lapse": ("认领作废了", "“{asset}”没有按时签字，这次认领作废了。还想认领，可以再申请。"),
    "renew": ("续认领办好了", "“{asset}”继续由您照看，谢谢您。新的约定点开可以看。"),
    "decline_renewal": ("这次不续了", "“{asset}”到期后不再续认领。{why}到期以前还请照常照看。"),
    "release": ("认领结束了", "“{asset}”的认领结束了，谢谢您一直照看。{why}"),
    "end": ("认领期满了", "“{asset}”的认领期满了，谢谢您一直照看。还想照看，可以再申请。"),
}
"""Action → title and body for the adopter. Applying, signing and withdrawing are the adopter's own doing."""


def _adopter(event: Any) -> Audience:
    """Return the household of an adopter; a firm or an association has none and hears by its account."""
    return Accounts((event.account_id,)) if event.household_id is None else Household(event.household_id)


def _adoption(event: Any, which: str, audience: Audience, title: str, body: str, push: Push | None = None) -> Draft:
    return Draft(
        fact_key=f"adoption:{event.adoption_id}:{which}",
        audience=audience,
        topic=Topic.ADOPTIONS,
        title=title,
        body=body,
        target_kind=TargetKind.ADOPTION,
        target_id=event.adoption_id,
        push=push,
    )


def _adoption_moved(event: facts.AdoptionMoved) -> list[Draft]:
    which, audience = step(event.action, event.moved_at), _adopter(event)
    if event.action in _ADOPTION_ASKED:
        title, text = _ADOPTION_ASKED[event.action]
        audience = _COMMITTEE
    elif event.action in _ADOPTION_TOLD:
        title, text = _ADOPTION_TOLD[event.action]
    else:
        return []
    by = f"在 {until(event.due_at)} 前" if event.due_at else "尽快"
    return [
        _adoption(event, which, audience, title, text.format(asset=event.asset_name, by=by, why=because(event.reason)))
    ]


def _duty_overdue(event: facts.AdoptionDutyOverdue) -> list[Draft]:
    body = f"“{event.asset_name}”该照看的日子是 {china_date(event.due_on)}，已经过了。请抽空去看看，拍张照片记上；有难处请告诉网格员。"
    return [_adoption(event, f"overdue:{event.due_on.isoformat()}", _adopter(event), "您认领的该照看了", body)]


def _duty_judged(event: facts.AdoptionDutyJudged) -> list[Draft]:
    which = f"duty:{event.duty_id}"
    if not event.is_passed:
        body = f"网格员看了您这次的照看，还差一点。{because(event.reason)}请再去弄一弄，下次记上。"
        return [_adoption(event, which, _adopter(event), "这次照看还差一点", body)]
    if event.points:
        body = f"网格员看过了，照看得好，{event.points} 分已经到您家。{because(event.reason)}"
        push = Push(TemplateKey.POINTS_RESULT, "照看认领的东西", "已入账", f"增加 {event.points} 分")
        return [_adoption(event, which, _adopter(event), f"照看得好，增加 {event.points} 分", body, push)]
    body = f"网格员看过了，照看得好，谢谢您。{because(event.reason)}"
    return [_adoption(event, which, _adopter(event), "照看得好", body)]


def _award(
    event: Any, which: str, title: str, body: str, push: Push | None = None, to: Audience | None = None
) -> Draft:
    return Draft(
        fact_key=f"award:{event.award_id}:{which}",
        audience=to or Household(event.household_id),
        topic=Topic.HONOURS,
        title=title,
        body=body,
        target_kind=TargetKind.AWARD,
        target_id=event.award_id,
        push=push,
    )


def _award_moved(event: facts.AwardMoved) -> list[Draft]:
    which, what, why = step(event.state, event.moved_at), f"“{event.category}”", because(event.reason)
    match event.state, event.before:
        case "published", "objected":
            return [_award(event, which, "评选继续公示", f"对您家评上{what}的异议没有成立，继续公示。{why}")]
        case "published", _:
            body = f"邻居推荐、大家评议，您家评上了{what}，正在公示；公示期满没有异议就生效。"
            return [_award(event, which, "恭喜，您家评上了", body)]
        case "objected", _:
            judge = f"{what}的公示收到异议，请核实后答复。{why}"
            return [
                _award(event, which, "评选收到异议", f"有人对您家评上{what}提出异议，由监督委员会核实后答复。"),
                _award(event, f"{which}:supervisor", "评选有异议，请核实", judge, to=_SUPERVISORS),
            ]
        case "refused", "objected" | "":
            return [_award(event, which, "这次没有评上", f"{what}公示中的异议成立，这次没有评上。{why}")]
        case _:
            # A nomination that was never published is not known to the household; being granted and revoked are told with what they bring.
            return []


def _award_granted(event: facts.AwardGranted) -> list[Draft]:
    parts = [f"评议分 {event.standing} 分"] if event.standing else []
    parts += [f"兑换分 {event.spendable} 分"] if event.spendable else []
    gain = f"奖励{'、'.join(parts)}，已经到您家。" if parts else ""
    fee = f"另外免 {event.fee_months} 个月物业费，物业办好再告诉您。" if event.fee_months else ""
    push = Push(TemplateKey.POINTS_RESULT, f"评上{event.category}", "已生效", "点开看奖励了什么")
    return [
        _award(event, "granted", f"恭喜，“{event.category}”生效了", f"您家评上“{event.category}”。{gain}{fee}", push)
    ]


def _award_revoked(event: facts.AwardRevoked) -> list[Draft]:
    body = f"您家的一项评优撤销了，奖励的积分收回，免的物业费也取消。{because(event.reason)}有疑问请找社区。"
    return [_award(event, "revoked", "评优撤销了", body)]


def _fee_waived(event: facts.FeeWaiverGranted) -> list[Draft]:
    months = "、".join(f"{month.year}年{month.month}月" for month in event.months)
    return [_award(event, "waived", "物业费免好了", f"评优奖励的物业费免好了：{months}不用交。")]


def _fee_not_waived(event: facts.FeeWaiverRefused) -> list[Draft]:
    why = because(event.reason)
    body = f"评优奖励的物业费没有免成。{why}社区会跟物业核对，请等社区答复。"
    desk = f"一户评优奖励的物业费没有免成。{why}请跟物业核对后答复住户。"
    return [
        _award(event, "not_waived", "物业费还没有免成", body),
        _award(event, "not_waived:desk", "奖励的物业费没有免成，请核对", desk, to=Holders((Role.COMMUNITY_ADMIN,))),
    ]


def _fee_waiver_withdrawn(event: facts.FeeWaiverWithdrawn) -> list[Draft]:
    return [_award(event, "waiver_withdrawn", "免物业费取消了", "评优撤销了，奖励的免物业费也取消，请照常交。")]


_BOARDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("honour", "listed"): ("恭喜，您家上了光荣榜", "您家上了光荣榜{till}。{why}谢谢您家带的好头。"),
    ("honour", "removed"): ("光荣榜到期取下", "您家在光荣榜上的展示到期取下了，谢谢您家带的好头。"),
    ("warning", "notified"): (
        "有件事请您家留意",
        "{why}请在{by}改好，改好就不上榜；不是这样的话，可以在这以前提出异议。有难处请告诉网格员，大家来帮。",
    ),
    ("warning", "disputed"): ("您家的异议收到了", "您家的异议收到了，由监督委员会答复；答复以前不会上榜。"),
    ("warning", "listed"): (
        "提醒榜上有您家的一条",
        "{why}这一条挂上了提醒榜{till}，改好了可以提前取下。有难处请告诉网格员，大家来帮。",
    ),
    ("warning", "cured"): ("改好了，谢谢您", "那件事您家已经改好，不在提醒榜上，谢谢您。"),
    ("warning", "removed"): ("提醒榜取下了", "提醒榜上您家的那一条已经取下。"),
    ("warning", "dismissed"): ("这件事撤销了", "对您家的那条提醒已经撤销，不会上榜。"),
}
"""Board and state → title and body for the household."""
_OVERRULED = ("异议没有成立", "您家的异议没有成立。{why}请在{by}改好，改好就不上榜。有难处请告诉网格员，大家来帮。")


def _board_entry_moved(event: facts.BoardEntryMoved) -> list[Draft]:
    told = _BOARDS.get((event.board, event.state))
    if event.state == "dismissed" and event.before not in {"notified", "disputed"}:
        # What the panel threw out, the household never heard of.
        told = None
    if event.state == "notified" and event.before == "disputed":
        told = _OVERRULED
    if told is None:
        return []
    title, text = told
    body = text.format(
        why=because(event.reason),
        till=f"，挂到 {china_date(event.until)}" if event.until else "",
        by=f" {china_date(event.until)} 前" if event.until else "近期",
    )
    return [_entry(event, "", Household(event.household_id), title, body), *_to_judge(event)]


def _to_judge(event: facts.BoardEntryMoved) -> list[Draft]:
    if event.state != "disputed":
        return []
    body = f"有一户对提醒提出了异议，请核实后答复。{because(event.reason)}"
    return [_entry(event, ":supervisor", _SUPERVISORS, "提醒榜有异议，请核实", body)]


def _entry(event: facts.BoardEntryMoved, which: str, audience: Audience, title: str, body: str) -> Draft:
    return Draft(
        fact_key=f"board_entry:{event.entry_id}:{step(event.state, event.moved_at)}{which}",
        audience=audience,
        topic=Topic.HONOURS,
        title=title,
        body=body,
        target_kind=TargetKind.BOARD_ENTRY,
        target_id=event.entry_id,
    )


TELLERS: Mapping[type[Any], Teller] = {
    facts.AdoptionMoved: _adoption_moved,
    facts.AdoptionDutyOverdue: _duty_overdue,
    facts.AdoptionDutyJudged: _duty_judged,
    facts.AwardMoved: _award_moved,
    facts.AwardGranted: _award_granted,
    facts.AwardRevoked: _award_revoked,
    facts.FeeWaiverGranted: _fee_waived,
    facts.FeeWaiverRefused: _fee_not_waived,
    facts.FeeWaiverWithdrawn: _fee_waiver_withdrawn,
    facts.BoardEntryMoved: _board_entry_moved,
}
