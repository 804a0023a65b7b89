"""The model community as data: 4,152 households, 14,892 residents, 165 buildings, 8 grids, 150,000 m².

Source: `青龙泉社区` of the bimonthly of 郧阳区, 2022.5; every person, number and name is invented. Identity numbers carry a region code
that was never given out and a right check character; phone numbers lie in a range no operator was given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random

from launcher.demo.names import given_name, surname
from shared.kernel.values import split_by_weights

SEED = 4152
GRIDS = 8
BUILDINGS = 165
HOUSEHOLDS = 4_152
RESIDENTS = 14_892
TOTAL_AREA_CM2E2 = 150_000 * 100
REPRESENTATIVES = 45
AS_OF = date(2026, 1, 1)
"""The day the roster was drawn up; ages are counted to it."""

_NO_REGION = "000000"
_PHONE_PREFIX = "194"
_LARGE_BUILDINGS = 40
"""125 buildings of 24 units and 40 of 30 make 4,200 units for 4,152 households."""
_SHOP_COUNT = 24
_SIZE_WEIGHTS = {1: 8, 2: 17, 3: 27, 4: 24, 5: 14, 6: 8, 7: 2}


@dataclass(frozen=True, slots=True)
class Building:
    code: str
    name: str
    grid: int
    stairwells: int
    floors: int
    address: str

    @property
    def grid_code(self) -> str:
        """The code of the grid it belongs to."""
        return f"W{self.grid:02d}"

    @property
    def grid_name(self) -> str:
        """The name of the grid it belongs to."""
        return f"第{'一二三四五六七八'[self.grid - 1]}网格"


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    building_code: str
    stairwell: int
    floor: int
    room: str
    area_cm2e2: int
    use: str = "住宅"


@dataclass(frozen=True, slots=True)
class Household:
    code: str
    unit_codes: tuple[str, ...]
    tenure: str
    moved_in_on: date
    liaison_code: str | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    household_code: str
    name: str
    relation: str
    is_female: bool
    identity_number: str
    born_on: date
    phone: str | None
    is_party_member: bool = False
    is_representative: bool = False
    can_act: bool = False


@dataclass(frozen=True, slots=True)
class Community:
    """Everything the workbook holds."""

    buildings: tuple[Building, ...]
    units: tuple[Unit, ...]
    households: tuple[Household, ...]
    residents: tuple[Resident, ...]


@cache
def model_community() -> Community:
    """Return the community; the same on every machine and every day."""
    dice = Random(SEED)
    buildings = tuple(_buildings())
    units = _units(buildings, dice)
    households, empty = _households(units, dice)
    residents = _residents(households, dice)
    households = _with_liaisons(households, residents)
    shops = {unit.code for unit in empty[:_SHOP_COUNT]}
    units = tuple(replace(unit, use="商铺") if unit.code in shops else unit for unit in units)
    return Community(buildings, units, households, residents)


def _buildings() -> Iterator[Building]:
    for number in range(1, BUILDINGS + 1):
        is_large = number % 4 == 0 and number // 4 <= _LARGE_BUILDINGS
        grid = (number - 1) * GRIDS // BUILDINGS + 1
        yield Building(
            code=f"L{number:03d}",
            name=f"{number}号楼",
            grid=grid,
            stairwells=3 if is_large else 2,
            floors=5 if is_large else 6,
            address=f"青龙泉路{number}号",
        )


def _units(buildings: tuple[Building, ...], dice: Random) -> tuple[Unit, ...]:
    doors = [
        (building, stairwell, floor, door)
        for building in buildings
        for stairwell in range(1, building.stairwells + 1)
        for floor in range(1, building.floors + 1)
        for door in (1, 2)
    ]
    weights = [dice.choice((26, 30, 32, 35, 36, 38, 42, 48)) * 100 + dice.randrange(100) for _ in doors]
    areas = split_by_weights(TOTAL_AREA_CM2E2, weights)
    return tuple(
        Unit(f"{building.code}-{stairwell}-{floor}0{door}", building.code, stairwell, floor, f"{floor}0{door}", area)
        for (building, stairwell, floor, door), area in zip(doors, areas, strict=True)
    )


def _households(units: tuple[Unit, ...], dice: Random) -> tuple[tuple[Household, ...], list[Unit]]:
    """Settle one household in each unit but 48; half of those are second flats of somebody, half stand empty or are shops."""
    spare = len(units) - HOUSEHOLDS
    chosen = set(dice.sample(range(len(units)), spare))
    lived_in = [unit for place, unit in enumerate(units) if place not in chosen]
    left = [units[place] for place in sorted(chosen)]
    second, empty = left[: spare // 2], left[spare // 2 :]
    owners = dict(zip(dice.sample(range(HOUSEHOLDS), len(second)), second, strict=True))
    households = []
    for place, unit in enumerate(lived_in):
        extra = (owners[place].code,) if place in owners else ()
        households.append(
            Household(
                code=f"H{place + 1:04d}",
                unit_codes=(unit.code, *extra),
                tenure="租住" if not extra and dice.random() < 0.08 else "自有",
                moved_in_on=date(2005, 1, 1) + timedelta(days=dice.randrange(7300)),
            )
        )
    return tuple(households), empty


def _sizes(dice: Random) -> list[int]:
    """Draw the sizes of all households so that they add up exactly."""
    sizes = dice.choices(list(_SIZE_WEIGHTS), list(_SIZE_WEIGHTS.values()), k=HOUSEHOLDS)
    missing = RESIDENTS - sum(sizes)
    step = 1 if missing > 0 else -1
    while missing:
        place = dice.randrange(HOUSEHOLDS)
        if 2 <= sizes[place] + step <= 6:
            sizes[place] += step
            missing -= step
    return sizes


@dataclass(slots=True)
class _Registry:
    """Hands out identity and phone numbers, each once."""

    dice: Random
    phones: int = 0
    _last: dict[tuple[date, bool], int] | None = None

    def number(self, born_on: date, *, is_female: bool) -> str:
        self._last = self._last if self._last is not None else {}
        order = self._last.get((born_on, is_female), -1) + 1
        self._last[born_on, is_female] = order
        # The order code is even for women and odd for men.
        first = f"{_NO_REGION}{born_on:%Y%m%d}{2 * order + (0 if is_female else 1):03d}"
        return first + check_character(first)

    def phone(self) -> str:
        self.phones += 1
        return f"{_PHONE_PREFIX}{self.phones:08d}"


def check_character(first_seventeen: str) -> str:
    """Return the eighteenth character of an identity number.

    Source: GB 11643-1999.
    """
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(first_seventeen, weights, strict=True)) % 11]


def _residents(households: tuple[Household, ...], dice: Random) -> tuple[Resident, ...]:
    registry = _Registry(dice)
    residents: list[Resident] = []
    for household, size in zip(households, _sizes(dice), strict=True):
        residents += _family(household.code, size, registry)
    return _with_representatives(residents, dice)


def _family(code: str, size: int, registry: _Registry) -> list[Resident]:
    dice = registry.dice
    family_name = surname(dice)
    head_is_female = dice.random() < 0.25
    head_age = dice.randint(68, 86) if size <= 2 and dice.random() < 0.45 else dice.randint(28, 62)
    plan: list[tuple[str, bool, int]] = [("户主", head_is_female, head_age)]
    if size >= 2:
        plan.append(("配偶", not head_is_female, head_age + dice.randint(-4, 3)))
    children = min(max(size - 2, 0), 1 if dice.random() < 0.45 else 2)
    oldest = max(0, min(head_age - 24, 26))
    plan += [("子女", dice.random() < 0.5, dice.randint(0, oldest)) for _ in range(children)]
    parents = [("父母", False, head_age + dice.randint(23, 28)), ("父母", True, head_age + dice.randint(22, 26))]
    plan += parents[: size - len(plan)]
    plan += [("兄弟姐妹", dice.random() < 0.5, max(18, head_age - dice.randint(1, 6))) for _ in range(size - len(plan))]
    taken: set[str] = set()
    family = []
    for relation, is_female, age in plan:
        shares_name = relation in {"户主", "子女", "兄弟姐妹"} or (relation == "父母" and not is_female)
        born_on = AS_OF - timedelta(days=min(age, 99) * 365 + dice.randrange(365) + 1)
        name = ""
        while not name or name in taken:
            name = (family_name if shares_name else surname(dice)) + given_name(
                dice, is_female=is_female, born_in=born_on.year
            )
        taken.add(name)
        has_phone = age >= 12 and dice.random() > (0.35 if age > 78 else 0.02)
        is_adult = age >= 18
        family.append(
            Resident(
                household_code=code,
                name=name,
                relation=relation,
                is_female=is_female,
                identity_number=registry.number(born_on, is_female=is_female),
                born_on=born_on,
                phone=registry.phone() if has_phone or relation == "户主" else None,
                is_party_member=is_adult and dice.random() < 0.07,
                can_act=relation == "户主" or (is_adult and dice.random() < (0.7 if relation == "配偶" else 0.25)),
            )
        )
    return family


def _with_representatives(residents: list[Resident], dice: Random) -> tuple[Resident, ...]:
    """Mark the residents' representatives: 45 householders, spread over all grids."""
    heads = [place for place, resident in enumerate(residents) if resident.relation == "户主"]
    stride = len(heads) // REPRESENTATIVES
    for seat in range(REPRESENTATIVES):
        place = heads[seat * stride + dice.randrange(stride)]
        residents[place] = replace(residents[place], is_representative=True)
    return tuple(residents)


def _with_liaisons(households: tuple[Household, ...], residents: tuple[Resident, ...]) -> tuple[Household, ...]:
    """Link up to ten neighbours of the same building to each party member's household (一户十联)."""
    party = {resident.household_code for resident in residents if resident.is_party_member}
    linked: list[Household] = []
    liaison: str | None = None
    building, links = "", 0
    for household in households:
        here = household.unit_codes[0].partition("-")[0]
        if here != building:
            building, liaison, links = here, None, 0
        if household.code in party and (liaison is None or links >= 10):
            liaison, links = household.code, 0
            linked.append(household)
        elif liaison is not None and links < 10:
            linked.append(replace(household, liaison_code=liaison))
            links += 1
        else:
            linked.append(household)
    return tuple(linked)
