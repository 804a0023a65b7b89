"""What people are told of claims, rounds, rules and what stands in a household's account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.notifications.inbox.dates import china_date, until
from services.notifications.inbox.domain import Draft, Push, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import because, step, words_of
from services.notifications.messages.templates import TemplateKey
from services.notifications.recipients.domain import Audience, Holders, Household, Residents
from shared.contracts import events as facts
from shared.kernel.principal import Role, ScopeKind


def _claim(
    event: Any, which: str, title: str, body: str, push: Push | None = None, to: Audience | None = None
) -> Draft:
    return Draft(
        fact_key=f"claim:{event.claim_id}:{which}",
        audience=to or Household(event.household_id),
        topic=Topic.POINTS,
        title=title,
        body=body,
        target_kind=TargetKind.CLAIM,
        target_id=event.claim_id,
        push=push,
    )


def _claim_submitted(event: facts.ClaimSubmitted) -> list[Draft]:
    # Who looks after the place hears what there is to look at; of the rest the household hears.
    if (verifiers := _verifiers(event)) is None:
        return []
    if event.group == "minus":
        body = f"有人登记“{event.item_name}”，要扣一户 {event.points} 分。请看看是不是有这回事，再点“属实”或“不属实”。"
        title = "有一笔扣分，请核实"
    else:
        body = f"有一户申报“{event.item_name}”，{event.points} 分。请看看是不是有这回事，再点“属实”或“不属实”。"
        title = "有一笔积分申报，请核实"
    if event.is_on_behalf:
        body += "谁登记的，谁不能自己核实。"
    return [_claim(event, "submitted", title, body, to=verifiers)]


_PLACES: Mapping[str, ScopeKind] = {"grid_worker": ScopeKind.GRID, "building_head": ScopeKind.BUILDING}


def _verifiers(event: facts.ClaimSubmitted) -> Holders | None:
    """Return who looks: of the household's grid or building, and assessors where an official entered it; None for a role nobody knows yet."""
    if event.verifier == "assessor":
        return Holders((Role.ASSESSOR,))
    if (place := _PLACES.get(event.verifier)) is None:
        return None
    also = (Role.ASSESSOR,) if event.is_on_behalf else ()
    scope_id = event.grid_id if place is ScopeKind.GRID else event.building_id
    return Holders((Role(event.verifier), *also), place, str(scope_id))


def _claim_decided(event: facts.ClaimDecided) -> list[Draft]:
    # Steps inside the panel are no news to the household: it hears when its neighbours can see the claim, and the end.
    if event.state == "publicised":
        return [_publicised(event)]
    if event.state == "rejected":
        return [_rejected(event)]
    return []


def _publicised(event: facts.ClaimDecided) -> Draft:
    which = step("publicised", event.moved_at)
    if event.group == "minus":
        by = f"请在 {until(event.notice_ends_at)} 前" if event.notice_ends_at else "请在公示期内"
        body = f"“{event.item_name}”打算扣您家 {event.points} 分，正在公示。不同意的话，{by}提出异议。"
        return _claim(event, which, "要扣您家积分，正在公示", body)
    end = f"到 {until(event.notice_ends_at)}，" if event.notice_ends_at else "公示期满"
    body = f"“{event.item_name}”的申报已经通过评议，正在公示；{end}没有异议就会入账。"
    return _claim(event, which, "积分申报正在公示", body)


def _rejected(event: facts.ClaimDecided) -> Draft:
    which = step("rejected", event.moved_at)
    if event.group == "minus":
        body = f"“{event.item_name}”没有通过评议，不扣您家的分。{because(event.reason)}"
        return _claim(event, which, "这次不扣分", body)
    body = f"“{event.item_name}”的申报没有通过。{because(event.reason)}有疑问可以找网格员。"
    push = Push(TemplateKey.POINTS_RESULT, event.item_name, "未通过", "点开可以看详情")
    return _claim(event, which, "积分申报没有通过", body, push)


def _claim_posted(event: facts.ClaimPosted) -> list[Draft]:
    # A deduction carries how much as a positive number, and says by its group that it takes.
    amount = abs(event.points)
    if event.group == "minus" or event.points < 0:
        by = f"请在 {until(event.appeal_until)} 前申诉" if event.appeal_until else "可以申诉"
        body = f"“{event.item_name}”已经记账，您家的积分扣除了 {amount} 分。觉得不对，{by}。"
        push = Push(TemplateKey.POINTS_RESULT, event.item_name, "已扣除", f"扣除 {amount} 分")
        return [_claim(event, "posted", f"积分扣除 {amount} 分", body, push)]
    body = f"“{event.item_name}”已经记账，您家的积分增加了 {amount} 分。"
    push = Push(TemplateKey.POINTS_RESULT, event.item_name, "已入账", f"增加 {amount} 分")
    return [_claim(event, "posted", f"积分增加 {amount} 分", body, push)]


def _claim_reversed(event: facts.ClaimReversed) -> list[Draft]:
    why = because(event.reason)
    if event.group == "minus":
        push = Push(TemplateKey.POINTS_RESULT, event.item_name, "已退回", f"退回 {event.points} 分")
        body = f"“{event.item_name}”扣的 {event.points} 分已经退回您家。{why}"
        return [_claim(event, "reversed", f"扣的 {event.points} 分退回来了", body, push)]
    push = Push(TemplateKey.POINTS_RESULT, event.item_name, "已更正", f"收回 {event.points} 分")
    body = f"“{event.item_name}”的 {event.points} 分记错了，已经收回。{why}有疑问可以找监督委员会。"
    return [_claim(event, "reversed", f"更正：收回 {event.points} 分", body, push)]


def _appeal_made(event: facts.AppealMade) -> list[Draft]:
    mine, why = f"appeal:{event.appeal_id}:made", because(event.reason)
    judge = f"有一户对“{event.item_name}”的记账提出申诉，请核实后答复。{why}"
    told = [_claim(event, f"{mine}:supervisor", "有申诉，请核实", judge, to=Holders((Role.SUPERVISOR,)))]
    if event.household_id != event.appellant_household_id:
        body = f"有邻居对您家的“{event.item_name}”提出申诉，由监督委员会核实后答复。"
        told.append(_claim(event, mine, "有邻居提出申诉", body))
    return told


def _appeal_answered(event: facts.AppealAnswered) -> list[Draft]:
    result = "申诉成立，积分已经更正" if event.is_upheld else "申诉没有成立，积分不变"
    answer = f"答复：{words_of(event.answer)}"
    mine = f"appeal:{event.appeal_id}"
    told = [
        _claim(
            event,
            mine,
            "您家的申诉有答复了",
            f"“{event.item_name}”：{result}。{answer}",
            to=Household(event.appellant_household_id),
        )
    ]
    if event.household_id != event.appellant_household_id:
        body = f"有邻居对您家的“{event.item_name}”提出过申诉：{result}。{answer}"
        told.append(_claim(event, f"{mine}:concerned", "邻居的申诉有结果了", body))
    return told


def _period_moved(event: facts.PeriodMoved) -> list[Draft]:
    title, body, push = "", "", None
    if event.state == "collecting" and event.reason.strip():
        title = "积分公示撤回，重新核对"
        body = f"“{event.name}”的积分要重新核对，核对好再公示。{because(event.reason)}"
    elif event.state == "collecting":
        title = "积分开始核对，漏报的请抓紧"
        body = f"“{event.name}”的积分开始核对。从 {china_date(event.begins_on)} 到 {china_date(event.ends_on)} 做的好事，还没申报的请尽快申报。"
    elif event.state == "publicised":
        end = f"到 {until(event.objections_until)} 为止" if event.objections_until else "请尽快看看"
        title = "积分公示，请看看对不对"
        body = f"“{event.name}”各家的积分正在公示，{end}。您家的不对，或者别家的有疑问，都可以提出异议。"
        push = Push(TemplateKey.PUBLIC_NOTICE, f"{event.name}积分", "公示中", "有异议请在期限内提出")
    elif event.state == "sealed":
        title = "这一轮积分定下来了"
        body = f"“{event.name}”的积分公示期满，已经定下来。您家的结算单可以看了。"
    if not title:
        # An open round and one an official has looked at ask nothing of the households.
        return []
    return [
        Draft(
            fact_key=f"period:{event.period_id}:{step(event.state, event.moved_at)}",
            audience=Residents(),
            topic=Topic.NOTICES,
            title=title,
            body=body,
            target_kind=TargetKind.PERIOD,
            target_id=event.period_id,
            push=push,
        )
    ]


def _period_objection_moved(event: facts.PeriodObjectionMoved) -> list[Draft]:
    audience: Audience = Household(event.household_id)
    answer = f"答复：{words_of(event.answer)}"
    match event.state:
        case "raised":
            audience, title = Holders((Role.SUPERVISOR,)), "积分公示有异议，请答复"
            body = (
                f"有一户对“{event.name}”的积分公示提出异议，答复以前不能定下来，请核实后答复。{because(event.reason)}"
            )
        case "upheld":
            title, body = "您家的异议成立", f"您家对“{event.name}”积分公示的异议成立，积分会重新核对。{answer}"
        case "dismissed":
            title, body = "您家的异议有答复了", f"您家对“{event.name}”积分公示的异议没有成立。{answer}"
        case _:
            return []
    return [
        Draft(
            fact_key=f"period_objection:{event.objection_id}:{event.state}",
            audience=audience,
            topic=Topic.NOTICES,
            title=title,
            body=body,
            target_kind=TargetKind.PERIOD,
            target_id=event.period_id,
        )
    ]


def _rulebook_adopted(event: facts.RulebookAdopted) -> list[Draft]:
    return [
        Draft(
            fact_key=f"rulebook:{event.version}",
            audience=Residents(),
            topic=Topic.NOTICES,
            title="积分办法有新的一版",
            body=f"积分办法第 {event.version} 版从 {china_date(event.effective_on)} 起用，由“{event.decision}”定下。哪些事加分、哪些事扣分，请看一看。",
            target_kind=TargetKind.RULEBOOK,
            # A version has a number and no id of its own.
            target_id=UUID(int=event.version),
        )
    ]


def _account(household_id: UUID, key: str, title: str, body: str, push: Push | None = None) -> Draft:
    return Draft(
        fact_key=key,
        audience=Household(household_id),
        topic=Topic.POINTS,
        title=title,
        body=body,
        target_kind=TargetKind.LEDGER,
        target_id=household_id,
        push=push,
    )


def _points_expiring(event: facts.PointsExpiring) -> list[Draft]:
    key = f"expiring:{event.household_id}:{event.expires_at.isoformat()}:{event.days_left}"
    left = f"还有 {event.days_left} 天" if event.days_left > 1 else "只剩 1 天"
    body = f"您家有 {event.points} 分{left}到期，请在 {until(event.expires_at)} 前到积分超市用掉，过期就没有了。"
    push = Push(TemplateKey.POINTS_RESULT, f"{event.points} 分快到期", "快到期", f"{left}，请早点用掉")
    return [_account(event.household_id, key, f"{event.points} 分快到期了", body, push)]


def _points_expired(event: facts.PointsExpired) -> list[Draft]:
    key = f"expired:{event.household_id}:{event.expired_at.isoformat()}"
    body = f"您家有 {event.points} 分过了期没有用，已经清掉。剩下的分什么时候到期，点开可以看。"
    return [_account(event.household_id, key, f"{event.points} 分已经过期", body)]


def _points_of(standing: int, spendable: int) -> str:
    return f"评议分 {standing} 分、兑换分 {spendable} 分"


def _households_merged(event: facts.HouseholdsMerged) -> list[Draft]:
    key = step(f"merged:{event.household_id}", event.moved_at)
    if event.is_late:
        return _late_moves(event, key)
    moved = _points_of(event.standing, event.spendable)
    into = f"另一户并到了您家，它的{moved}也转了过来，到期的日子不变。"
    away = f"您家并到了另一户，原来的{moved}都转了过去，到期的日子不变。"
    return [
        _account(event.into_household_id, f"{key}:into", "并户办好，积分转过来了", into),
        _account(event.household_id, f"{key}:from", "并户办好，积分转过去了", away),
    ]


def _late_moves(event: facts.HouseholdsMerged, key: str) -> list[Draft]:
    amounts = (("评议分", event.standing), ("兑换分", event.spendable))
    came = "、".join(f"{name} {amount} 分" for name, amount in amounts if amount > 0)
    taken = "、".join(f"{name} {-amount} 分" for name, amount in (*amounts, ("欠分", -event.arrears)) if amount < 0)
    told = []
    if came:
        told.append(f"并户以后才到账的{came}，也转了过来，到期的日子不变。")
    if taken:
        told.append(f"并户以后才扣的{taken}，也算了过来。")
    if not told:
        return []
    title = "并户以后的积分转过来了" if came else "并户以后的扣分算过来了"
    into = f"另一户早先并到了您家。它{'它'.join(told)}"
    away = f"您家早先并到了另一户。您家{'您家'.join(told)}".replace("过来", "过去")
    return [
        _account(event.into_household_id, f"{key}:into", title, into),
        _account(event.household_id, f"{key}:from", title.replace("过来", "过去"), away),
    ]


def _household_split(event: facts.HouseholdSplit) -> list[Draft]:
    key, moved = f"split:{event.new_household_id}", _points_of(event.standing, event.spendable)
    away = f"家里分出了新的一户，从您家转过去{moved}，到期的日子不变。"
    into = f"新立的户从原来的户转来{moved}，到期的日子不变。"
    return [
        _account(event.household_id, f"{key}:from", "分户办好，积分转出", away),
        _account(event.new_household_id, f"{key}:into", "分户办好，积分转来", into),
    ]


def _breaches_found(event: facts.BreachesFound) -> list[Draft]:
    body = (
        f"夜里核对积分账本，发现 {event.breaches} 处对不上，涉及 {len(event.invariants)} 条规则。"
        "请打开“积分监督”，看看是哪几处、差多少；没查清楚以前，先不要动账。"
    )
    return [
        Draft(
            fact_key=f"audit:{event.community_id}:{event.audited_at.isoformat()}",
            audience=Holders((Role.SUPERVISOR, Role.COMMUNITY_ADMIN)),
            topic=Topic.POINTS,
            title="积分账本对不上，请马上查看",
            body=body,
            target_kind=TargetKind.AUDIT,
            target_id=event.community_id,
        )
    ]


TELLERS: Mapping[type[Any], Teller] = {
    facts.ClaimSubmitted: _claim_submitted,
    facts.ClaimDecided: _claim_decided,
    facts.ClaimPosted: _claim_posted,
    facts.ClaimReversed: _claim_reversed,
    facts.AppealMade: _appeal_made,
    facts.AppealAnswered: _appeal_answered,
    facts.PeriodMoved: _period_moved,
    facts.PeriodObjectionMoved: _period_objection_moved,
    facts.RulebookAdopted: _rulebook_adopted,
    facts.BreachesFound: _breaches_found,
    facts.PointsExpiring: _points_expiring,
    facts.PointsExpired: _points_expired,
    facts.HouseholdsMerged: _households_merged,
    facts.HouseholdSplit: _household_split,
}
