from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proposals.processes import domain
from services.proposals.processes.domain import (
    Completion,
    OpenStep,
    Process,
    ProcessState,
    RuleResult,
    pass_step,
    reject,
    return_step,
)
from services.proposals.processes.errors import (
    EvidenceMissingError,
    OpinionsShortError,
    ReturnReasonMissingError,
    ReturnTargetError,
    RuleNotMetError,
    StepBackDatedError,
    StepOutOfOrderError,
    StepUnknownError,
    TemplateMalformedError,
    WrongStepKindError,
)
from services.proposals.processes.templates import (
    DEFAULT_TEMPLATES,
    Evidence,
    StepKind,
    template_from_json,
    template_to_json,
)
from shared.kernel.errors import ForbiddenError
from shared.kernel.principal import AccountKind, Principal, Role, RoleGrant, ScopeKind
from shared.kernel.state_machine import WrongStateError

TEMPLATE = DEFAULT_TEMPLATES["four_and_two_owners"]
CODES = [step.code for step in TEMPLATE.steps]
T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PASSED = RuleResult(is_held=True, is_decided=True, summary="通过")


def person(*roles: Role) -> Principal:
    grants = frozenset(RoleGrant(role, ScopeKind.COMMUNITY, "c") for role in roles)
    return Principal(UUID(int=7), AccountKind.STAFF, UUID(int=1), roles=grants)


SECRETARY = person(Role.BRANCH_SECRETARY)


def at(step: str) -> Process:
    opened = OpenStep(TEMPLATE.position(step), 1, T0)
    return Process(UUID(int=1), UUID(int=2), "hash", TEMPLATE, ProcessState.RUNNING, opened)


def done(step: str, **changes: object) -> Completion:
    template_step = TEMPLATE.steps[TEMPLATE.position(step)]
    rule = PASSED if template_step.rule else None
    return replace(Completion(T0 + timedelta(hours=1), set(template_step.evidence), 13, 25, rule), **changes)


NOW = T0 + timedelta(hours=2)


def test_the_six_steps_run_in_order_to_the_end() -> None:
    process = at(CODES[0])
    seen = []
    now = T0
    while (step := process.current()) is not None:
        seen.append(step.title)
        now += timedelta(days=1)
        process = pass_step(process, SECRETARY, step.code, done(step.code, held_at=now), now=now)
    assert seen == ["党支部提议", "两委商议", "党员大会审议", "居民会议决议", "决议公开", "实施结果公开"]
    assert process.state is ProcessState.COMPLETED


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_no_step_but_the_open_one_can_be_closed(open_code: str, tried: str) -> None:
    if tried == open_code:
        assert pass_step(at(open_code), SECRETARY, tried, done(tried), now=NOW).state in ProcessState
    else:
        with pytest.raises(StepOutOfOrderError):
            pass_step(at(open_code), None, tried, done(tried), now=NOW)


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(StepUnknownError):
        pass_step(at(CODES[0]), SECRETARY, "coffee_break", done(CODES[0]), now=NOW)


@pytest.mark.parametrize("held_at", [T0 - timedelta(seconds=1), NOW + timedelta(seconds=1)], ids=["before", "future"])
def test_a_step_is_not_back_dated_nor_promised(held_at: datetime) -> None:
    with pytest.raises(StepBackDatedError):
        pass_step(at(CODES[0]), SECRETARY, CODES[0], done(CODES[0], held_at=held_at), now=NOW)


@pytest.mark.parametrize("step", [s for s in TEMPLATE.steps if s.evidence], ids=lambda s: s.code)
def test_each_missing_piece_of_evidence_stops_the_step(step) -> None:
    for item in step.evidence:
        with pytest.raises(EvidenceMissingError) as refusal:
            pass_step(at(step.code), None, step.code, done(step.code, evidence=set(step.evidence) - {item}), now=NOW)
        assert refusal.value.facts["missing"] == [item.value]


def test_the_township_signs_from_the_third_step_on() -> None:
    with_sign_off = [step.code for step in TEMPLATE.steps if Evidence.TOWNSHIP_SIGN_OFF in step.evidence]
    assert with_sign_off == ["party_deliberates", "residents_decide"]


@pytest.mark.parametrize(("heard", "enough"), [(12, False), (13, True), (25, True)])
def test_the_committees_wait_for_half_of_the_households(heard: int, enough: bool) -> None:
    completion = done("committees_discuss", households_heard=heard)
    if enough:
        assert pass_step(at("committees_discuss"), SECRETARY, "committees_discuss", completion, now=NOW).open_step
    else:
        with pytest.raises(OpinionsShortError) as refusal:
            pass_step(at("committees_discuss"), SECRETARY, "committees_discuss", completion, now=NOW)
        assert refusal.value.facts == {"needed": 13, "have": 12}


@pytest.mark.parametrize("rule", [None, RuleResult(True, False, "差 1 票"), RuleResult(False, True, "人数不够")])
def test_a_step_whose_rule_is_not_met_does_not_pass(rule: RuleResult | None) -> None:
    with pytest.raises(RuleNotMetError):
        pass_step(at(CODES[0]), SECRETARY, CODES[0], done(CODES[0], rule=rule), now=NOW)


def test_only_the_named_roles_close_a_step() -> None:
    for role in Role:
        allowed = role in TEMPLATE.steps[0].actors
        if allowed:
            assert pass_step(at(CODES[0]), person(role), CODES[0], done(CODES[0]), now=NOW)
        else:
            with pytest.raises(ForbiddenError):
                pass_step(at(CODES[0]), person(role), CODES[0], done(CODES[0]), now=NOW)


def test_a_returned_step_says_why_and_opens_a_new_attempt() -> None:
    process = return_step(
        at("party_deliberates"), SECRETARY, "party_deliberates", to=CODES[0], reason="预算不清", now=NOW
    )
    assert process.open_step == OpenStep(0, 2, NOW)
    assert process.state is ProcessState.RUNNING
    with pytest.raises(ReturnReasonMissingError):
        return_step(at("party_deliberates"), SECRETARY, "party_deliberates", to=CODES[0], reason=" ", now=NOW)


@pytest.mark.parametrize("to", ["party_deliberates", "result_published"])
def test_a_step_is_returned_to_an_earlier_one_only(to: str) -> None:
    with pytest.raises(ReturnTargetError):
        return_step(at("party_deliberates"), SECRETARY, "party_deliberates", to=to, reason="重来", now=NOW)


def test_nothing_goes_back_behind_a_published_decision() -> None:
    for to in CODES[:5]:
        with pytest.raises(ReturnTargetError):
            return_step(at("result_published"), SECRETARY, "result_published", to=to, reason="重来", now=NOW)
    for to in CODES[:4]:
        assert return_step(at("decision_published"), SECRETARY, "decision_published", to=to, reason="重来", now=NOW)


def test_a_return_to_the_author_ends_the_process() -> None:
    process = return_step(at(CODES[1]), SECRETARY, CODES[1], to=None, reason="内容要大改", now=NOW)
    assert (process.state, process.open_step) == (ProcessState.RETURNED, None)
    with pytest.raises(StepOutOfOrderError):
        pass_step(process, None, CODES[1], done(CODES[1]), now=NOW)


def test_a_rejection_needs_a_reason_and_is_final() -> None:
    with pytest.raises(ReturnReasonMissingError):
        reject(at(CODES[0]), SECRETARY, CODES[0], reason="")
    process = reject(at(CODES[0]), SECRETARY, CODES[0], reason="支部大会没有通过")
    assert process.state is ProcessState.REJECTED
    assert domain.LIFE.is_final(process.state)


@pytest.mark.parametrize("state", ProcessState)
@pytest.mark.parametrize("action", domain.ProcessAction)
def test_the_table_of_states_is_complete(state: ProcessState, action: domain.ProcessAction) -> None:
    if state is ProcessState.RUNNING:
        assert domain.LIFE.next_state(state, action) in ProcessState
    else:
        with pytest.raises(WrongStateError):
            domain.LIFE.next_state(state, action)


def test_evidence_with_an_author_of_its_own_is_filed_by_nobody_else() -> None:
    step = TEMPLATE.steps[TEMPLATE.position("residents_decide")]
    assert domain.may_file(step, Evidence.TOWNSHIP_SIGN_OFF, person(Role.TOWNSHIP_OFFICER))
    assert not domain.may_file(step, Evidence.TOWNSHIP_SIGN_OFF, SECRETARY)
    assert domain.may_file(step, Evidence.SUPERVISION_OPINION, person(Role.SUPERVISOR))
    assert domain.may_file(step, Evidence.MINUTES, SECRETARY)
    assert not domain.may_file(step, Evidence.MINUTES, person(Role.RESIDENT))


def test_a_step_is_done_in_its_own_way() -> None:
    step = domain.require_open(at(CODES[0]), CODES[0])
    domain.require_kind(step, StepKind.MEETING)
    with pytest.raises(WrongStepKindError):
        domain.require_kind(step, StepKind.NOTICE)


@pytest.mark.parametrize("template", DEFAULT_TEMPLATES.values(), ids=lambda t: t.code)
def test_templates_survive_storage(template) -> None:
    assert template_from_json(template_to_json(template)) == template
    assert template.unverified_rules()


def broken(**changes: object) -> dict:
    return template_to_json(TEMPLATE) | changes


@pytest.mark.parametrize(
    "value",
    [
        {},
        broken(steps=[]),
        broken(decides_at="nowhere"),
        broken(steps=[broken()["steps"][0], broken()["steps"][0]]),
        broken(steps=[broken()["steps"][0] | {"actors": []}], decides_at=CODES[0]),
        broken(steps=[broken()["steps"][0] | {"actors": ["king"]}], decides_at=CODES[0]),
        broken(steps=[broken()["steps"][0] | {"rule": "by_feeling"}], decides_at=CODES[0]),
        broken(steps=[broken()["steps"][4] | {"notice_days": 0}], decides_at=CODES[4]),
        broken(endorsement={"num": 1, "den": 0, "at_least": 1, "at_most": 2}),
    ],
)
def test_a_malformed_template_is_refused(value: dict) -> None:
    with pytest.raises(TemplateMalformedError):
        template_from_json(value)


def test_a_district_variant_is_data() -> None:
    five = broken(
        code="five_deliberations",
        steps=[broken()["steps"][0] | {"code": "residents_propose", "title": "居民提议"}, *broken()["steps"]],
    )
    assert template_from_json(five).steps[0].code == "residents_propose"
