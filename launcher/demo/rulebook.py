"""The list of what earns and costs points, and how claims are judged.

Source: plus and minus items of 青龙泉社区 (the bimonthly of 郧阳区, 2022.5) and of the Yichang reports; assessed every two months, when the
panel goes from home to home. The documents name the items, not the points of each: those are the defaults of this community.
"""

from dataclasses import asdict, dataclass
from typing import Any

TWO_MONTHS = 61
DECISION = "2026年第一次居民代表会议通过《青龙泉社区积分管理细则》"
PANEL_QUORUM = 3
NOTICE_DAYS = 3
APPEAL_DAYS = 30
HOUSEHOLD_CAP_POINTS = 300
"""Most points a household earns by claims in a two-month period, so that who has more time does not leave the others behind."""


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    name: str
    points: int
    group: str = "plus"
    unit: str = "次"
    cap_count: int = 8
    cap_days: int = TWO_MONTHS
    max_quantity: int = 1
    photos_required: int = 1
    verifier: str = "grid_worker"


def _deduction(code: str, name: str, points: int, cap_count: int = 8) -> Item:
    return Item(code, name, points, group="minus", cap_count=cap_count)


def _assessed(code: str, name: str, points: int) -> Item:
    return Item(code, name, points, group="panel", cap_count=1, photos_required=0, verifier="assessor")


ITEMS: tuple[Item, ...] = (
    Item("clean_home", "家庭卫生整洁", 5, unit="月", cap_count=2),
    Item("stairwell_cleaning", "清扫楼道", 3, cap_count=16),
    Item("volunteering", "参加志愿服务", 5, unit="小时", cap_count=40, max_quantity=8),
    Item("safety_patrol", "参加治安巡逻", 5, cap_count=20),
    Item("planting", "植绿护绿", 5),
    Item("helping_neighbours", "帮助孤寡老人、残疾人", 8, cap_count=16),
    Item("mediation", "调解邻里矛盾", 10, cap_count=6, photos_required=0),
    Item("public_security_tip", "提供治安线索", 10, cap_count=6, photos_required=0),
    Item("collective_activity", "参加居民议事、集体活动", 3, cap_count=16),
    Item("voluntary_labour", "投工投劳", 10, unit="天", cap_count=20, max_quantity=5),
    Item("skills_training", "参加技能培训", 3, cap_count=8),
    Item("civilised_customs", "婚丧简办、移风易俗", 10, cap_count=2),
    Item("adoption_care", "认领管护花木、桌椅", 5, unit="月", cap_count=2),
    _assessed("assessed_excellent", "双月考评优秀", 20),
    _assessed("assessed_good", "双月考评良好", 10),
    _assessed("assessed_stall", "摊位责任区达标", 10),
    _deduction("damaging_property", "损坏公共设施", 10),
    _deduction("vegetables_on_green", "在绿地上种菜", 10),
    _deduction("illegal_building", "违章搭建", 20, cap_count=4),
    _deduction("road_trading", "占道经营", 5, cap_count=20),
    _deduction("chaotic_parking", "车辆乱停乱放", 3, cap_count=20),
    _deduction("stall_failed", "摊位责任区抽查不合格", 5),
)


def rulebook(effective_on: str) -> dict[str, Any]:
    """Return the rulebook as the points service takes it."""
    return {
        "decision": DECISION,
        "effective_on": effective_on,
        "panel_quorum": PANEL_QUORUM,
        "notice_days": NOTICE_DAYS,
        "appeal_days": APPEAL_DAYS,
        "household_cap_points": HOUSEHOLD_CAP_POINTS,
        "household_cap_days": TWO_MONTHS,
        "items": [asdict(item) for item in ITEMS],
    }
