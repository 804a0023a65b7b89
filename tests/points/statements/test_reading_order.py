"""Names in the order people look them up in, in Python and in the database alike."""

import itertools

import pytest
from sqlalchemy import text

from services.points.statements.reading_order import reading_order
from shared.testing.clients import People
from shared.testing.factories import WorkIn

ORDERS = [
    ("第一网格", "第二网格", "第九网格", "第十网格", "第十二网格", "第二十网格", "第二十一网格", "第一百零三网格"),
    ("第1网格", "第2网格", "第10网格"),
    ("2号楼", "10号楼", "10号楼甲", "100号楼"),
    ("2栋", "10栋", "11栋"),
    ("一期2栋", "一期10栋", "二期1栋"),
    ("QLQ-0002", "QLQ-0010"),
    ("3-2-502", "3-10-101", "12-1-101"),
    ("两百号", "二〇二号", "二百一十号"),
    ("", "3栋", "东区", "东区1栋", "东区2栋", "东区西"),
    ("9", "10", "9999999999", "10000000000", "99999999999999999999"),
    ("A", "A1", "B", "a", "é", "东"),
]


@pytest.mark.parametrize("names", ORDERS)
def test_numbers_are_read_as_numbers(names: tuple[str, ...]) -> None:
    jumbled = names[::-1]
    assert sorted(jumbled, key=reading_order) == list(names)


async def test_the_database_orders_alike(people: People, work_in: WorkIn) -> None:
    names = sorted({*itertools.chain(*ORDERS), "002栋", "十", "百", "一百十", "二十零", "1a2b", "栋2", "2 栋"})
    statement = text("SELECT n, points.reading_order(n) AS key FROM unnest(CAST(:names AS text[])) n")
    async with work_in("points", people.community_id) as uow:
        keys = {row.n: row.key for row in await uow.session.execute(statement, {"names": names})}
    for one, other in itertools.combinations(names, 2):
        here = reading_order(one) < reading_order(other), reading_order(one) == reading_order(other)
        assert here == (keys[one] < keys[other], keys[one] == keys[other]), (one, other)
