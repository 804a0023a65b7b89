import hashlib
from collections import Counter

import pytest

from launcher.demo import workbook
from launcher.demo.community import AS_OF, model_community
from services.identity.rosters.columns import COLUMNS, Sheet
from services.identity.rosters.parsing import parse_roster
from services.identity.rosters.workbook import read_sheets

COMMUNITY = model_community()


@pytest.fixture(scope="module")
def parsed():
    return parse_roster(read_sheets(workbook.demo_workbook()), today=AS_OF)


def test_the_community_has_the_size_of_the_documents():
    assert len(COMMUNITY.households) == 4_152
    assert len(COMMUNITY.residents) == 14_892
    assert len(COMMUNITY.buildings) == 165
    assert len({building.grid_code for building in COMMUNITY.buildings}) == 8
    assert sum(unit.area_cm2e2 for unit in COMMUNITY.units) == 15_000_000


def test_it_is_the_same_community_every_time():
    model_community.cache_clear()
    assert model_community() == COMMUNITY
    first = workbook.demo_workbook()
    workbook.demo_workbook.cache_clear()
    assert hashlib.sha256(workbook.demo_workbook()).digest() == hashlib.sha256(first).digest()


def test_the_workbook_passes_the_import_without_a_hint(parsed):
    assert parsed.problems == ()
    assert dict(parsed.row_counts) == {"网格楼栋": 165, "房屋": 4_200, "户": 4_152, "居民": 14_892}


def test_what_is_read_is_what_was_written(parsed):
    assert [(r.name, r.identity_number, r.phone, r.born_on) for r in parsed.roster.residents] == [
        (r.name, r.identity_number, r.phone, r.born_on) for r in COMMUNITY.residents
    ]
    assert sum(unit.area for unit in parsed.roster.units) == 15_000_000


def test_the_workbook_uses_every_column_of_the_template():
    written = dict(workbook.sheets(COMMUNITY))
    assert {name: list(rows[0]) for name, rows in written.items()} == {
        sheet.value: [column.title for column in COLUMNS[sheet]] for sheet in Sheet
    }


def test_nobody_is_a_real_person():
    assert all(resident.identity_number.startswith("000000") for resident in COMMUNITY.residents)
    assert all(resident.phone is None or resident.phone.startswith("194") for resident in COMMUNITY.residents)


def test_numbers_and_phones_are_given_once():
    for values in ([r.identity_number for r in COMMUNITY.residents], [r.phone for r in COMMUNITY.residents if r.phone]):
        assert len(values) == len(set(values))


def test_people_are_as_people_are():
    sizes = Counter(resident.household_code for resident in COMMUNITY.residents)
    assert min(sizes.values()) == 1
    assert max(sizes.values()) == 7
    old = sum((AS_OF - resident.born_on).days > 60 * 365 for resident in COMMUNITY.residents)
    assert 0.15 < old / len(COMMUNITY.residents) < 0.45
    assert 400 < sum(resident.is_party_member for resident in COMMUNITY.residents) < 1_200
    assert sum(resident.is_representative for resident in COMMUNITY.residents) == 45
    acting = Counter(resident.household_code for resident in COMMUNITY.residents if resident.can_act)
    assert len(acting) == 4_152
    assert sum(count > 1 for count in acting.values()) > 1_000
    assert all((AS_OF - r.born_on).days >= 18 * 365 for r in COMMUNITY.residents if r.can_act or r.is_party_member)


def test_a_liaison_household_has_a_party_member_and_at_most_ten_links():
    party = {resident.household_code for resident in COMMUNITY.residents if resident.is_party_member}
    links = Counter(household.liaison_code for household in COMMUNITY.households if household.liaison_code)
    assert set(links) <= party
    assert max(links.values()) <= 10
    assert len(links) > 100
