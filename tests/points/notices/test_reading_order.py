"""Names in the order people look them up in."""

import pytest

from services.points.notices.reading_order import reading_order


@pytest.mark.parametrize(
    "names",
    [
        ("第一网格", "第二网格", "第九网格", "第十网格", "第十二网格", "第二十网格", "第二十一网格", "第一百零三网格"),
        ("第1网格", "第2网格", "第10网格"),
        ("2号楼", "10号楼", "10号楼甲", "100号楼"),
        ("一期2栋", "一期10栋", "二期1栋"),
        ("QLQ-0002", "QLQ-0010"),
        ("两百号", "二〇二号", "二百一十号"),
        ("", "3栋", "东区", "东区1栋"),
    ],
)
def test_numbers_are_read_as_numbers(names: tuple[str, ...]) -> None:
    jumbled = names[::-1]
    assert sorted(jumbled, key=reading_order) == list(names)
