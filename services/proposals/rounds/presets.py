"""The preset rules as data: body, when the meeting holds, when it decides, the law and who checked the text.

A preset without `verified_by` carries a badge and is used only when a named officer signs for it. Both committee laws were
rewritten on 2025-10-28 and are in force from 2026-01-01; the village and residents' numbers here are the 2018 text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.proposals.rounds.quorum import AllOf, AnyOf, Comparison, Measure, Quantity, Rule, Test, asks_for
from shared.kernel.errors import ConflictError, NotFoundError

UNVERIFIED_BADGE = "未核对现行法律文本，须由具名负责人签认后使用"


class UnknownPresetError(NotFoundError):
    code = "proposals.rule_unknown"
    title = "没有这条表决规则"
    detail = "没有编号为“{preset}”的表决规则，请从规则列表中选择。"


class PresetNeedsSignatureError(ConflictError):
    code = "proposals.rule_needs_signature"
    title = "规则需要负责人签认"
    detail = "规则“{preset}”还没有核对现行法律文本，请填写签认的负责人姓名后再用。"


@dataclass(frozen=True, slots=True)
class Preset:
    """One body's rule. `effective_from` is the day the cited text took effect."""

    code: str
    body: str
    held_when: Rule
    decided_when: Rule
    law: str
    article: str
    effective_from: date
    verified_by: str | None

    @property
    def is_verified(self) -> bool:
        """Tell whether a person compared the numbers with the text in force."""
        return self.verified_by is not None

    @property
    def needs_presence(self) -> bool:
        """Tell whether presence must be recorded, because the rule counts those who came and not those who voted."""
        return asks_for(self.held_when, Quantity.PRESENT) or asks_for(self.decided_when, Quantity.PRESENT)


def _present(measure: Measure, comparison: Comparison, num: int, den: int) -> Test:
    return Test(measure, Quantity.PRESENT, Quantity.ELIGIBLE, comparison, num, den)


def _taking_part(measure: Measure) -> Test:
    return Test(measure, Quantity.TAKING_PART, Quantity.ELIGIBLE, Comparison.GE, 2, 3)


def _yes_of_present(measure: Measure) -> Test:
    return Test(measure, Quantity.YES, Quantity.PRESENT, Comparison.GT, 1, 2)


def _yes_of_taking_part(measure: Measure, comparison: Comparison, num: int, den: int) -> Test:
    return Test(measure, Quantity.YES, Quantity.TAKING_PART, comparison, num, den)


_GT, _GE = Comparison.GT, Comparison.GE
_MEMBERS, _HOUSEHOLDS = Measure.MEMBERS, Measure.HOUSEHOLDS
_OWNERS_TAKE_PART = AllOf((_taking_part(Measure.AREA), _taking_part(Measure.HEADS)))
_EITHER_PRESENT_MAJORITY = AnyOf((_yes_of_present(_MEMBERS), _yes_of_present(_HOUSEHOLDS)))
_VILLAGE_LAW = "中华人民共和国村民委员会组织法（2018 年文本）"
_RESIDENTS_LAW = "中华人民共和国城市居民委员会组织法（2018 年文本）"
_CIVIL_CODE = "中华人民共和国民法典"
_CHECKED_CIVIL_CODE = "对照民法典公布文本核对"

_ALL = (
    Preset(
        "villagers_meeting",
        "村民会议",
        AnyOf((_present(_MEMBERS, _GT, 1, 2), _present(_HOUSEHOLDS, _GE, 2, 3))),
        _EITHER_PRESENT_MAJORITY,
        _VILLAGE_LAW,
        "第二十二条",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "villagers_representatives",
        "村民代表会议",
        _present(_MEMBERS, _GE, 2, 3),
        _yes_of_present(_MEMBERS),
        _VILLAGE_LAW,
        "第二十六条",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "villager_group",
        "村民小组会议",
        AnyOf((_present(_MEMBERS, _GE, 2, 3), _present(_HOUSEHOLDS, _GE, 2, 3))),
        _EITHER_PRESENT_MAJORITY,
        _VILLAGE_LAW,
        "第二十八条",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "residents_meeting",
        "居民会议",
        AnyOf((_present(_MEMBERS, _GT, 1, 2), _present(_HOUSEHOLDS, _GT, 1, 2))),
        _EITHER_PRESENT_MAJORITY,
        _RESIDENTS_LAW,
        "第九条、第十条",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "residents_representatives",
        "居民代表会议",
        _present(_MEMBERS, _GT, 1, 2),
        _yes_of_present(_MEMBERS),
        _RESIDENTS_LAW,
        "第九条、第十条",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "party_members",
        "党员大会",
        _present(_MEMBERS, _GT, 1, 2),
        _yes_of_present(_MEMBERS),
        "党内有关规定与当地四议两公开办法",
        "当地办法",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "party_members_two_thirds",
        "党员大会（当地要求三分之二到会）",
        _present(_MEMBERS, _GE, 2, 3),
        _yes_of_present(_MEMBERS),
        "当地四议两公开办法",
        "当地办法",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "two_committees",
        "两委会议",
        _present(_MEMBERS, _GT, 1, 2),
        _yes_of_present(_MEMBERS),
        "当地四议两公开办法",
        "当地办法",
        date(2018, 12, 29),
        None,
    ),
    Preset(
        "owners_ordinary",
        "业主共同决定（一般事项）",
        _OWNERS_TAKE_PART,
        AllOf((_yes_of_taking_part(Measure.AREA, _GT, 1, 2), _yes_of_taking_part(Measure.HEADS, _GT, 1, 2))),
        _CIVIL_CODE,
        "第二百七十八条",
        date(2021, 1, 1),
        _CHECKED_CIVIL_CODE,
    ),
    Preset(
        "owners_special",
        "业主共同决定（筹集维修资金、改建重建、改变用途）",
        _OWNERS_TAKE_PART,
        AllOf((_yes_of_taking_part(Measure.AREA, _GE, 3, 4), _yes_of_taking_part(Measure.HEADS, _GE, 3, 4))),
        _CIVIL_CODE,
        "第二百七十八条",
        date(2021, 1, 1),
        _CHECKED_CIVIL_CODE,
    ),
    Preset(
        "collective_members",
        "农村集体经济组织成员大会",
        _present(_MEMBERS, _GE, 2, 3),
        Test(_MEMBERS, Quantity.YES, Quantity.ELIGIBLE, _GE, 2, 3),
        "中华人民共和国农村集体经济组织法",
        "成员大会的规定",
        date(2025, 5, 1),
        None,
    ),
)

PRESETS: Mapping[str, Preset] = {preset.code: preset for preset in _ALL}


def get_preset(code: str) -> Preset:
    """Return a preset by its code.

    Errors: UnknownPresetError.
    """
    try:
        return PRESETS[code]
    except KeyError:
        raise UnknownPresetError(preset=code) from None


def require_usable(preset: Preset, *, signed_off_by: str | None) -> None:
    """Pass a verified preset, or one a named officer signs for.

    Errors: PresetNeedsSignatureError.
    """
    if not preset.is_verified and not (signed_off_by or "").strip():
        raise PresetNeedsSignatureError(preset=preset.body)
