"""What residents are told of concerns, proposals, votes and public notices."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.notifications.inbox.dates import until
from services.notifications.inbox.domain import Draft, Push, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import words_of
from services.notifications.messages.templates import TemplateKey
from services.notifications.recipients.domain import Accounts, Audience, Household, Residents
from shared.contracts import events as facts
from shared.kernel.principal import ScopeKind


def _residents(scope_kind: str, scope_id: UUID | None) -> Residents:
    kind = ScopeKind(scope_kind)
    return Residents() if kind is ScopeKind.COMMUNITY else Residents(kind, scope_id)


def _concern_answered(event: facts.ConcernAnswered) -> list[Draft]:
    if event.account_id is None and event.household_id is None:
        return []
    audience: Audience = Accounts((event.account_id,)) if event.household_id is None else Household(event.household_id)
    return [
        Draft(
            fact_key=f"concern:{event.concern_id}:answered",
            audience=audience,
            topic=Topic.PROPOSALS,
            title="您反映的事有答复了",
            body=f"“{event.title}”：{words_of(event.answer)}",
            target_kind=TargetKind.CONCERN,
            target_id=event.concern_id,
        )
    ]


def _proposal_opened(event: facts.ProposalOpened) -> list[Draft]:
    return [
        Draft(
            fact_key=f"proposal:{event.proposal_id}:opened",
            audience=_residents(event.scope_kind, event.scope_id),
            topic=Topic.PROPOSALS,
            title="有新提议，请您看看",
            body=f"“{event.title}”正在征集附议，有 {event.endorsements_needed} 户附议就进入议事程序。",
            target_kind=TargetKind.PROPOSAL,
            target_id=event.proposal_id,
        )
    ]


def _round_opened(event: facts.RoundOpened) -> list[Draft]:
    by = until(event.closes_at)
    return [
        Draft(
            fact_key=f"round:{event.round_id}:opened",
            audience=_residents(event.scope_kind, event.scope_id),
            topic=Topic.VOTES,
            title="请您家投票",
            body=f"“{event.question}”开始投票，{by} 截止。一户一票，请商量好再投。",
            target_kind=TargetKind.ROUND,
            target_id=event.round_id,
            push=Push(TemplateKey.VOTE_OPEN, event.question, "投票中", "一户一票，请按时投"),
        )
    ]


def _round_tallied(event: facts.RoundTallied) -> list[Draft]:
    result = "通过" if event.is_passed else "没有通过" if event.is_held else "人数不够，投票无效"
    if event.needs_runoff:
        result = "平票，没有作出决定，要再投一次"
    return [
        Draft(
            fact_key=f"round:{event.round_id}:tallied:{event.result_hash[:16]}",
            audience=Residents(),
            topic=Topic.VOTES,
            title=f"计票结果：{result}",
            body=f"“{event.question}”：{words_of(event.derivation)}结果公示期满没有异议才最后生效。",
            target_kind=TargetKind.ROUND,
            target_id=event.round_id,
        )
    ]


def _notice_started(event: facts.NoticeStarted) -> list[Draft]:
    by = until(event.due_at)
    return [
        Draft(
            # A notice whose content changed starts anew and is told anew.
            fact_key=f"notice:{event.notice_id}:{event.content_hash[:16]}:{event.due_at.isoformat()}",
            audience=Residents(),
            topic=Topic.NOTICES,
            title="公示",
            body=f"“{event.title}”正在公示，到 {by} 为止。有异议请联系：{event.contact}。",
            target_kind=TargetKind.NOTICE,
            target_id=event.notice_id,
            push=Push(TemplateKey.PUBLIC_NOTICE, event.title, "公示中", "有异议请在期限内提出"),
        )
    ]


def _objection_answered(event: facts.ObjectionAnswered) -> list[Draft]:
    result = "异议成立，公示已停止" if event.is_upheld else "异议已答复"
    return [
        Draft(
            fact_key=f"objection:{event.objection_id}:answered",
            audience=Accounts((event.account_id,)),
            topic=Topic.NOTICES,
            title=result,
            body=f"您对“{event.title}”的异议，{event.answered_by}答复：{words_of(event.answer)}",
            target_kind=TargetKind.NOTICE,
            target_id=event.notice_id,
        )
    ]


def _decision_published(event: facts.DecisionPublished) -> list[Draft]:
    return [
        Draft(
            fact_key=f"process:{event.process_id}:decision",
            audience=_residents(event.scope_kind, event.scope_id),
            topic=Topic.PROPOSALS,
            title="决议已生效",
            body=f"“{event.title}”的决议公示期满，已经生效，接下来按决议办理。",
            target_kind=TargetKind.PROPOSAL,
            target_id=event.proposal_id,
        )
    ]


def _result_published(event: facts.ResultPublished) -> list[Draft]:
    return [
        Draft(
            fact_key=f"process:{event.process_id}:result",
            audience=Residents(),
            topic=Topic.PROPOSALS,
            title="事情办完了",
            body=f"“{event.title}”的实施结果已经公示完毕，欢迎查看。",
            target_kind=TargetKind.PROPOSAL,
            target_id=event.proposal_id,
        )
    ]


TELLERS: Mapping[type[Any], Teller] = {
    facts.ConcernAnswered: _concern_answered,
    facts.ProposalOpened: _proposal_opened,
    facts.RoundOpened: _round_opened,
    facts.RoundTallied: _round_tallied,
    facts.NoticeStarted: _notice_started,
    facts.ObjectionAnswered: _objection_answered,
    facts.DecisionPublished: _decision_published,
    facts.ResultPublished: _result_published,
}
