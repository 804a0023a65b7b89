"""The roster workbook as data: its sheets, their columns, and what each column expects. The template is written from this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Sheet(StrEnum):
    """The four sheets, by the names printed on their tabs."""

    PLACES = "网格楼栋"
    UNITS = "房屋"
    HOUSEHOLDS = "户"
    RESIDENTS = "居民"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `aliases` are headings communities use for the same thing; `is_personal` values are masked in reports."""

    field: str
    title: str
    help: str
    example: str = ""
    aliases: tuple[str, ...] = ()
    is_required: bool = False
    is_personal: bool = False


COLUMNS: Mapping[Sheet, tuple[Column, ...]] = MappingProxyType(
    {
        Sheet.PLACES: (
            Column("grid_code", "网格编号", "网格的编号，同一网格每行都填", "W01", ("网格号",), is_required=True),
            Column("grid_name", "网格名称", "网格的名称，同一网格写法要一致", "第一网格", ("网格",), is_required=True),
            Column(
                "building_code",
                "楼栋编号",
                "楼栋的编号，不可重复，一栋一行",
                "L001",
                ("楼栋号", "楼号"),
                is_required=True,
            ),
            Column("building_name", "楼栋名称", "居民平时怎么叫这栋楼", "1号楼", ("楼栋", "楼名"), is_required=True),
            Column("stairwells", "单元数", "这栋楼有几个单元（楼道）", "2", ("单元数量",), is_required=True),
            Column("floors", "层数", "地上层数", "6", ("楼层数", "总层数")),
            Column("address", "地址", "门牌地址", "青龙路1号", ("楼栋地址", "门牌")),
        ),
        Sheet.UNITS: (
            Column("unit_code", "房屋编号", "房屋的编号，不可重复", "L001-1-101", ("房号编码",), is_required=True),
            Column(
                "building_code",
                "楼栋编号",
                "房屋所在楼栋，要在“网格楼栋”表里有",
                "L001",
                ("楼栋号", "楼号"),
                is_required=True,
            ),
            Column("stairwell", "单元", "第几单元", "1", ("单元号",), is_required=True),
            Column("floor", "楼层", "第几层，地下一层填 -1", "1", ("所在层", "层")),
            Column("room", "房号", "门上的房号", "101", ("室号", "门牌号"), is_required=True),
            Column(
                "area",
                "建筑面积",
                "平方米，最多两位小数",
                "85.50",
                ("面积", "建筑面积(平方米)", "建筑面积(m2)", "建筑面积(㎡)"),
                is_required=True,
            ),
            Column("area_source", "面积依据", "登记、实测或合同；不填按登记", "登记"),
            Column("use", "用途", "住宅、商铺、车库或其他；不填按住宅", "住宅", ("房屋用途",)),
        ),
        Sheet.HOUSEHOLDS: (
            Column(
                "household_code", "户编号", "一户一个编号，不可重复", "H0001", ("户号", "家庭编号"), is_required=True
            ),
            Column(
                "unit_codes", "房屋编号", "住在哪套房；有几套用顿号隔开", "L001-1-101", ("住房编号",), is_required=True
            ),
            Column("tenure", "住房关系", "自有或租住；不填按自有", "自有", ("与房屋关系", "居住类型")),
            Column("moved_in_on", "入住日期", "哪天住进来的", "2012-05-01", ("迁入日期",)),
            Column("liaison_code", "中心户编号", "一户十联中联系这一户的中心户的户编号", "H0001", ("中心户",)),
        ),
        Sheet.RESIDENTS: (
            Column(
                "household_code",
                "户编号",
                "属于哪一户，要在“户”表里有",
                "H0001",
                ("户号", "家庭编号"),
                is_required=True,
            ),
            Column("name", "姓名", "身份证上的姓名", "张三", (), is_required=True, is_personal=True),
            Column(
                "relation",
                "与户主关系",
                "户主、配偶、子女、父母、孙子女、祖父母、兄弟姐妹或其他；每户一个户主",
                "户主",
                ("关系",),
                is_required=True,
            ),
            Column("sex", "性别", "男或女；填了身份证号可以不填", "男"),
            Column(
                "identity_number",
                "身份证号",
                "18 位；单元格设为文本",
                "",
                ("证件号码", "身份证", "公民身份号码"),
                is_personal=True,
            ),
            Column("born_on", "出生日期", "填了身份证号可以不填", "1985-03-01", ("生日", "出生年月日")),
            Column(
                "phone", "手机号码", "11 位；没有就留空", "", ("手机", "手机号", "联系电话", "电话"), is_personal=True
            ),
            Column("is_party_member", "党员", "是或否；不填按否", "否", ("中共党员", "是否党员")),
            Column("is_representative", "居民代表", "是或否；不填按否", "否", ("是否居民代表",)),
            Column(
                "can_act", "可代表本户", "能替全户申报、投票的成年人填“是”；户主不填也算", "是", ("是否可代表本户",)
            ),
        ),
    }
)


def personal_fields(sheet: Sheet) -> frozenset[str]:
    """Return the fields of a sheet whose values must be masked wherever they are shown."""
    return frozenset(column.field for column in COLUMNS[sheet] if column.is_personal)
