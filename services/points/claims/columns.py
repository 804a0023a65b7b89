"""A claim as a line of a file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from services.points.claims.domain import Claim
from services.points.rulebooks.domain import ItemGroup

if TYPE_CHECKING:
    from shared.sheets import Value

GROUPS: Final[Mapping[ItemGroup, str]] = {
    ItemGroup.PLUS: "加分",
    ItemGroup.MINUS: "扣分",
    ItemGroup.PANEL: "评议",
}
HEADER: Final = (
    "户号",
    "项目",
    "类别",
    "数量",
    "分数",
    "发生日期",
    "地点",
    "说明",
    "照片数",
    "状态",
    "是否代录",
    "细则版本",
    "录入时间",
    "公示截止",
    "入账时间",
    "理由",
)


def line_of(claim: Claim, household_number: str) -> "tuple[Value, ...]":
    """Return a claim as the values under `HEADER`; a deduction's points are negative."""
    return (
        household_number,
        claim.item_name,
        GROUPS[claim.group],
        claim.quantity,
        -claim.points if claim.group is ItemGroup.MINUS else claim.points,
        claim.happened_on,
        claim.place,
        claim.note,
        len(claim.photo_ids),
        claim.state.word,
        claim.is_on_behalf,
        claim.rulebook_version,
        claim.created_at,
        claim.notice_ends_at,
        claim.posted_at,
        claim.reason,
    )
