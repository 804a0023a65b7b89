"""The catalogue over HTTP."""

import pytest

from services.property.catalogue.domain import CATEGORIES, DEPARTMENTS, headings, sounds_dangerous, tree_order
from shared.kernel.principal import Role
from tests.property.conftest import ROOT, Community


def test_the_default_catalogue_is_sound() -> None:
    codes = [category.code for category in CATEGORIES]
    parents = headings(CATEGORIES)
    assert len(set(codes)) == len(codes)
    assert parents <= set(codes)
    assert {category.department for category in CATEGORIES} == {department.code for department in DEPARTMENTS}
    assert {category.code for category in CATEGORIES if category.parent is None} == parents
    assert all(category.priority.value == "urgent" for category in CATEGORIES if category.is_safety)
    assert len(tree_order(CATEGORIES)) == len(CATEGORIES)


@pytest.mark.parametrize(
    ("words", "dangerous"),
    [("楼道灯不亮", False), ("配电箱漏电了", True), ("闻到煤气味", True), ("电梯里有人被困", True)],
)
def test_words_of_danger(words: str, dangerous: bool) -> None:
    assert sounds_dangerous(words) is dangerous


async def test_six_departments_and_a_tree(community: Community) -> None:
    resident = community.people.resident()

    departments = await community.get(resident, "/departments")
    categories = await community.get(resident, "/categories")

    assert [one["name"] for one in departments] == ["保洁部", "保安部", "绿化部", "工程部", "市场管理部", "客服部"]
    assert categories[0]["parent"] is None
    assert categories[1]["parent"] == categories[0]["code"]
    lamp = next(one for one in categories if one["code"] == "stair_lamp")
    assert (lamp["department"], lamp["needs_after_photo"], lamp["priority"]) == ("engineering", True, "normal")


async def test_the_manager_changes_the_catalogue(community: Community) -> None:
    manager = community.client(community.people.staff(Role.PROPERTY_MANAGER))
    body = {"parent": "electrical", "department": "engineering", "name": "充电桩故障", "priority": "high"}

    created = await manager.put(f"{ROOT}/categories/charger", json=body)
    retired = await manager.put(f"{ROOT}/categories/charger", json=body | {"is_active": False})

    assert (created.status_code, created.json()["name"]) == (200, "充电桩故障")
    assert retired.json()["is_active"] is False
    resident = await community.resident()
    refused = await community.post(resident, "/tickets", {"description": "坏了", "category": "charger"}, expect=409)
    assert refused["code"] == "property.category_not_usable"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("charger", {"department": "no_such", "name": "x"}, 404, "property.category_not_found"),
        (
            "charger",
            {"department": "engineering", "name": "x", "parent": "no_such"},
            404,
            "property.category_not_found",
        ),
        (
            "charger",
            {"department": "engineering", "name": "x", "parent": "stair_lamp"},
            404,
            "property.category_not_found",
        ),
        ("Charger!", {"department": "engineering", "name": "x"}, 422, "validation_failed"),
        ("charger", {"department": "engineering", "name": "x", "expected_minutes": 0}, 422, "validation_failed"),
    ],
)
async def test_categories_that_cannot_be(community: Community, path: str, body: dict, status: int, code: str) -> None:
    manager = community.client(community.people.staff(Role.PROPERTY_MANAGER))

    response = await manager.put(f"{ROOT}/categories/{path}", json=body)

    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_residents_do_not_change_the_catalogue(community: Community) -> None:
    response = await community.client(community.people.resident()).put(
        f"{ROOT}/categories/charger", json={"department": "engineering", "name": "x"}
    )

    assert response.status_code == 403
