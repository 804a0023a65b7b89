"""Process templates as data: the steps, who acts, the rule, the evidence, the notice, and the guards before a step.

A template is versioned and a running process keeps the one it started with. A step is never an enum: a district adds, drops or
renames steps by writing another template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.proposals.processes.errors import StepUnknownError, TemplateMalformedError, TemplateNotFoundError
from services.proposals.proposals.domain import EndorsementPolicy
from services.proposals.rounds.presets import PRESETS, Preset, get_preset
from shared.kernel.principal import Role
from shared.kernel.values import Ratio


class StepKind(StrEnum):
    """How a step is done: at a meeting, by a round of ballots, or by a public notice."""

    MEETING = "meeting"
    ROUND = "round"
    NOTICE = "notice"


class DayKind(StrEnum):
    CALENDAR = "calendar"
    WORKING = "working"


class Evidence(StrEnum):
    """What must lie in the file before a step closes."""

    MINUTES = "minutes"
    ATTENDANCE = "attendance"
    SIGNATURES = "signatures"
    TOWNSHIP_SIGN_OFF = "township_sign_off"
    SUPERVISION_OPINION = "supervision_opinion"
    IMPLEMENTATION_REPORT = "implementation_report"


EVIDENCE_NAMES: Mapping[Evidence, str] = {
    Evidence.MINUTES: "会议记录",
    Evidence.ATTENDANCE: "到会签到",
    Evidence.SIGNATURES: "签字页",
    Evidence.TOWNSHIP_SIGN_OFF: "街道（乡镇）签认",
    Evidence.SUPERVISION_OPINION: "监督委员会意见",
    Evidence.IMPLEMENTATION_REPORT: "实施情况报告",
}
KIND_NAMES: Mapping[StepKind, str] = {
    StepKind.MEETING: "开会",
    StepKind.ROUND: "投票表决",
    StepKind.NOTICE: "公示",
}
EVIDENCE_AUTHORS: Mapping[Evidence, frozenset[Role]] = {
    Evidence.TOWNSHIP_SIGN_OFF: frozenset({Role.TOWNSHIP_OFFICER}),
    Evidence.SUPERVISION_OPINION: frozenset({Role.SUPERVISOR}),
}
"""Evidence that only its own author may file; everything else is filed by whoever runs the step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `rule` is a preset code for meetings and rounds; `notice_days` and `day_kind` belong to notices.

    `opinions_share` is a guard: so many households must have been heard before the step can pass.
    """

    code: str
    title: str
    kind: StepKind
    actors: frozenset[Role]
    evidence: tuple[Evidence, ...] = ()
    rule: str | None = None
    opinions_share: Ratio | None = None
    notice_days: int = 0
    day_kind: DayKind = DayKind.CALENDAR


@dataclass(frozen=True, slots=True)
class Template:
    """A versioned way of deciding. `decides_at` is the step whose end makes the decision final and public."""

    code: str
    version: int
    title: str
    source: str
    endorsement: EndorsementPolicy
    steps: tuple[Step, ...]
    decides_at: str

    def position(self, step_code: str) -> int:
        """Return the place of a step.

        Errors: StepUnknownError.
        """
        for position, step in enumerate(self.steps):
            if step.code == step_code:
                return position
        raise StepUnknownError(step=step_code)

    def unverified_rules(self) -> list[Preset]:
        """Return the presets in use whose numbers nobody compared with the law in force."""
        presets = (get_preset(step.rule) for step in self.steps if step.rule)
        return [preset for preset in presets if not preset.is_verified]


_BRANCH = frozenset({Role.BRANCH_SECRETARY, Role.COMMUNITY_ADMIN})
_COMMITTEES = frozenset({Role.COMMITTEE_MEMBER, Role.BRANCH_SECRETARY, Role.COMMUNITY_ADMIN})
_HALF = Ratio(1, 2)
_ENDORSEMENT = EndorsementPolicy(share=Ratio(1, 20), at_least=2, at_most=50)


def _four_and_two(
    code: str, title: str, residents_kind: StepKind, residents_rule: str, *, evidence: tuple[Evidence, ...]
) -> Template:
    filed = (Evidence.MINUTES, Evidence.ATTENDANCE)
    return Template(
        code=code,
        version=1,
        title=title,
        source="[XQ] 四议两公开；[YY] 征求意见不少于半数",
        endorsement=_ENDORSEMENT,
        steps=(
            Step("branch_proposes", "党支部提议", StepKind.MEETING, _BRANCH, filed, "party_members"),
            Step(
                "committees_discuss", "两委商议", StepKind.MEETING, _COMMITTEES, filed, "two_committees",
                opinions_share=_HALF,
            ),
            Step(
                "party_deliberates", "党员大会审议", StepKind.MEETING, _BRANCH,
                (*filed, Evidence.TOWNSHIP_SIGN_OFF), "party_members",
            ),
            Step("residents_decide", "居民会议决议", residents_kind, _COMMITTEES, evidence, residents_rule),
            Step("decision_published", "决议公开", StepKind.NOTICE, _COMMITTEES, notice_days=7),
            Step(
                "result_published", "实施结果公开", StepKind.NOTICE, _COMMITTEES,
                (Evidence.IMPLEMENTATION_REPORT, Evidence.SUPERVISION_OPINION), notice_days=7,
            ),
        ),
        decides_at="decision_published",
    )  # fmt: skip


DEFAULT_TEMPLATES: Mapping[str, Template] = {
    template.code: template
    for template in (
        _four_and_two(
            "four_and_two_owners", "四议两公开（业主按户投票）", StepKind.ROUND, "owners_ordinary",
            evidence=(Evidence.TOWNSHIP_SIGN_OFF, Evidence.SUPERVISION_OPINION),
        ),
        _four_and_two(
            "four_and_two_residents", "四议两公开（居民会议，户代表到会投票）", StepKind.ROUND, "residents_meeting",
            evidence=(Evidence.TOWNSHIP_SIGN_OFF, Evidence.SUPERVISION_OPINION),
        ),
        _four_and_two(
            "four_and_two_representatives", "四议两公开（居民代表会议举手）", StepKind.MEETING,
            "residents_representatives",
            evidence=(
                Evidence.MINUTES, Evidence.ATTENDANCE, Evidence.SIGNATURES, Evidence.TOWNSHIP_SIGN_OFF,
                Evidence.SUPERVISION_OPINION,
            ),
        ),
    )
}  # fmt: skip


def template_to_json(template: Template) -> dict[str, Any]:
    """Return the template as plain JSON, the form in which a process keeps it."""
    return {
        "code": template.code,
        "version": template.version,
        "title": template.title,
        "source": template.source,
        "endorsement": {
            "num": template.endorsement.share.num,
            "den": template.endorsement.share.den,
            "at_least": template.endorsement.at_least,
            "at_most": template.endorsement.at_most,
        },
        "steps": [_step_to_json(step) for step in template.steps],
        "decides_at": template.decides_at,
    }


def _step_to_json(step: Step) -> dict[str, Any]:
    share = step.opinions_share
    return {
        "code": step.code,
        "title": step.title,
        "kind": step.kind.value,
        "actors": sorted(step.actors),
        "evidence": [item.value for item in step.evidence],
        "rule": step.rule,
        "opinions_share": None if share is None else {"num": share.num, "den": share.den},
        "notice_days": step.notice_days,
        "day_kind": step.day_kind.value,
    }


def template_from_json(value: Mapping[str, Any]) -> Template:
    """Read a template that a district wrote, or the one a process kept.

    Errors: TemplateMalformedError naming what is wrong.
    """
    try:
        endorsement = value["endorsement"]
        template = Template(
            code=str(value["code"]),
            version=int(value["version"]),
            title=str(value["title"]),
            source=str(value["source"]),
            endorsement=EndorsementPolicy(
                share=Ratio(endorsement["num"], endorsement["den"]),
                at_least=int(endorsement["at_least"]),
                at_most=int(endorsement["at_most"]),
            ),
            steps=tuple(_step_from_json(step) for step in value["steps"]),
            decides_at=str(value["decides_at"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise TemplateMalformedError(problem=f"缺少或写错了 {problem}") from None
    _check(template)
    return template


def _step_from_json(value: Mapping[str, Any]) -> Step:
    share = value.get("opinions_share")
    return Step(
        code=str(value["code"]),
        title=str(value["title"]),
        kind=StepKind(value["kind"]),
        actors=frozenset(Role(role) for role in value["actors"]),
        evidence=tuple(Evidence(item) for item in value["evidence"]),
        rule=value.get("rule"),
        opinions_share=None if share is None else Ratio(share["num"], share["den"]),
        notice_days=int(value.get("notice_days", 0)),
        day_kind=DayKind(value.get("day_kind", "calendar")),
    )


def _check(template: Template) -> None:
    codes = [step.code for step in template.steps]
    problems = []
    if not codes or len(set(codes)) != len(codes):
        problems.append("至少要有一步，编号不能重复")
    if template.decides_at not in codes:
        problems.append("decides_at 不是其中一步")
    for step in template.steps:
        if not step.actors:
            problems.append(f"“{step.title}”没有写明由谁办理")
        if step.kind is StepKind.NOTICE and step.notice_days < 1:
            problems.append(f"“{step.title}”的公示天数至少 1 天")
        if step.kind is not StepKind.NOTICE and step.rule not in PRESETS:
            problems.append(f"“{step.title}”没有写明表决规则")
    if problems:
        raise TemplateMalformedError(problem="；".join(problems))


def get_template(code: str) -> Template:
    """Return a template by its code.

    Errors: TemplateNotFoundError.
    """
    try:
        return DEFAULT_TEMPLATES[code]
    except KeyError:
        raise TemplateNotFoundError(template=code) from None
