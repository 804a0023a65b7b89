"""Six departments and the tree of what can be reported; the defaults are those of the model community (`domain.md`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.property.tickets.transitions import Priority


@dataclass(frozen=True, slots=True)
class Department:
    """One of the company's departments; `calendar` names the working calendar its promises run on."""

    code: str
    name: str
    calendar: str
    position: int


@dataclass(frozen=True, slots=True)
class Category:
    """Something that can be reported. A category with children is a heading and cannot be chosen itself.

    `skill` is a certificate the law asks for; empty means that everybody of the department may do it. `is_safety` means danger
    to people: such a report is never less than urgent and runs day and night.
    """

    code: str
    parent: str | None
    department: str
    name: str
    priority: Priority = Priority.NORMAL
    skill: str | None = None
    expected_minutes: int = 30
    needs_after_photo: bool = False
    is_safety: bool = False
    is_active: bool = True
    position: int = 0

    def priority_of(self, asked: Priority | None) -> Priority:
        """Return the priority a ticket of this category gets when the desk asks for one; safety is always urgent."""
        return Priority.URGENT if self.is_safety else asked or self.priority


DEPARTMENTS: tuple[Department, ...] = (
    Department("cleaning", "保洁部", "daily", 1),
    Department("security", "保安部", "always", 2),
    Department("greening", "绿化部", "office", 3),
    Department("engineering", "工程部", "daily", 4),
    Department("market", "市场管理部", "daily", 5),
    Department("customer_service", "客服部", "office", 6),
)

DESK = "customer_service"
"""The department whose calendar the first answer runs on."""

SAFETY_WORDS: tuple[str, ...] = (
    "漏电", "触电", "火花", "冒烟", "着火", "起火", "燃气", "煤气", "瓦斯", "困人", "被困", "坠落", "掉砖", "坍塌", "倒塌", "爆裂",
)  # fmt: skip
"""Words by which a resident tells of danger before the desk has read it."""

_URGENT, _HIGH, _NORMAL, _LOW = Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW


def _c(code: str, parent: str, department: str, name: str, **over: Any) -> Category:
    return Category(code=code, parent=parent, department=department, name=name, **over)


CATEGORIES: tuple[Category, ...] = (
    Category("electrical", None, "engineering", "水电照明", position=1),
    _c("stair_lamp", "electrical", "engineering", "楼道灯不亮", expected_minutes=20, needs_after_photo=True),
    _c(
        "power_cut",
        "electrical",
        "engineering",
        "公共区域停电",
        priority=_HIGH,
        skill="electrician",
        expected_minutes=60,
    ),
    _c(
        "bare_wire",
        "electrical",
        "engineering",
        "电线裸露、冒火花",
        skill="electrician",
        is_safety=True,
        priority=_URGENT,
    ),
    Category("plumbing", None, "engineering", "给排水", position=2),
    _c(
        "sewer_blocked",
        "plumbing",
        "engineering",
        "下水道堵塞",
        priority=_HIGH,
        expected_minutes=90,
        needs_after_photo=True,
    ),
    _c("pipe_leak", "plumbing", "engineering", "水管漏水", priority=_HIGH, expected_minutes=60, needs_after_photo=True),
    _c("tap_repair", "plumbing", "engineering", "水龙头、水阀维修"),
    Category("building", None, "engineering", "房屋与公共设施", position=3),
    _c("door_lock", "building", "engineering", "单元门、门锁损坏", needs_after_photo=True),
    _c(
        "roof_leak",
        "building",
        "engineering",
        "屋面、外墙渗水",
        priority=_HIGH,
        expected_minutes=240,
        needs_after_photo=True,
    ),
    _c(
        "falling_tiles",
        "building",
        "engineering",
        "墙砖脱落、高空坠物隐患",
        is_safety=True,
        priority=_URGENT,
        expected_minutes=60,
    ),
    _c("lift_trapped", "building", "engineering", "电梯困人", skill="lift", is_safety=True, priority=_URGENT),
    _c("lift_fault", "building", "engineering", "电梯故障", priority=_HIGH, skill="lift", expected_minutes=120),
    _c("fitness_equipment", "building", "engineering", "健身器材、桌椅损坏", priority=_LOW, expected_minutes=60),
    Category("cleaning_work", None, "cleaning", "环境卫生", position=4),
    _c("rubbish", "cleaning_work", "cleaning", "垃圾未清、桶满", expected_minutes=20, needs_after_photo=True),
    _c("stair_dirty", "cleaning_work", "cleaning", "楼道不干净", expected_minutes=40, needs_after_photo=True),
    _c("pests", "cleaning_work", "cleaning", "蚊蝇鼠害", expected_minutes=60),
    Category("order", None, "security", "秩序与安全", position=5),
    _c("parking", "order", "security", "乱停车、堵通道", priority=_HIGH, expected_minutes=15),
    _c("fire_lane", "order", "security", "消防通道被占", is_safety=True, priority=_URGENT, expected_minutes=15),
    _c("noise", "order", "security", "噪声扰民", expected_minutes=20),
    _c("stranger", "order", "security", "可疑人员、失窃", priority=_HIGH, expected_minutes=20),
    Category("green", None, "greening", "绿化养护", position=6),
    _c("tree_pruning", "green", "greening", "树枝挡光、需修剪", priority=_LOW, expected_minutes=90),
    _c("fallen_tree", "green", "greening", "树木倒伏、断枝", is_safety=True, priority=_URGENT, expected_minutes=90),
    _c("green_damage", "green", "greening", "毁绿种菜", expected_minutes=60, needs_after_photo=True),
    Category("stalls", None, "market", "市场与摊点", position=7),
    _c("stall_out", "stalls", "market", "占道经营", expected_minutes=30),
    _c("stall_waste", "stalls", "market", "摊位垃圾、油污", expected_minutes=30, needs_after_photo=True),
    Category("service", None, "customer_service", "咨询与意见", position=8),
    _c("question", "service", "customer_service", "咨询、查账", priority=_LOW, expected_minutes=15),
    _c("complaint", "service", "customer_service", "投诉物业服务", priority=_HIGH, expected_minutes=30),
)


def sounds_dangerous(description: str) -> bool:
    """Tell whether a report names a danger to people, so that it is urgent from the first second."""
    return any(word in description for word in SAFETY_WORDS)


def headings(categories: Iterable[Category]) -> frozenset[str]:
    """Return the codes that have children."""
    return frozenset(category.parent for category in categories if category.parent is not None)


def tree_order(categories: Iterable[Category]) -> list[Category]:
    """Return headings by position, each followed by its children."""
    listed = list(categories)
    children: Mapping[str | None, list[Category]] = {
        parent: sorted((c for c in listed if c.parent == parent), key=lambda c: (c.position, c.code))
        for parent in {None, *(c.code for c in listed)}
    }
    ordered: list[Category] = []
    for heading in children[None]:
        ordered.append(heading)
        ordered.extend(children[heading.code])
    return ordered
