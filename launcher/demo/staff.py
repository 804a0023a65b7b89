"""Who works in the model community: 83 people of the property company in six departments, and those who govern.

All of them are hired or elected among the residents, as the documents tell; nobody is a real person.

Source: 青龙泉社区 of the bimonthly of 郧阳区, 2022.5.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from launcher.demo.community import AS_OF, GRIDS, Resident, model_community

CLEANERS, CLEANING_AREAS = 32, 8
GUARDS = 16
GARDENERS = 12
ENGINEERS = 12
MARKET_STAFF = 8
DESK_AGENTS = 2
PROPERTY_STAFF = 83


@dataclass(frozen=True, slots=True)
class StaffRole:
    """A role and how far it reaches; a grid and a building are named by their code, the community by nothing."""

    role: str
    scope_kind: str = "community"
    scope_code: str = ""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One account. `household_code` is where the colleague lives as householder; `duty` is told in the terminal."""

    user_name: str
    duty: str
    roles: tuple[StaffRole, ...]
    name: str = ""
    household_code: str = ""


@cache
def model_staff() -> tuple[StaffMember, ...]:
    """Return everybody who works here, each a different householder; the same every time."""
    chosen = _householders()
    hired = [
        replace(member, name=resident.name, household_code=resident.household_code)
        for member, resident in zip(_posts(), chosen, strict=False)
    ]
    return (*hired, *_elected({member.household_code for member in hired}))


def _elected(taken: set[str]) -> Iterator[StaffMember]:
    """Return a building head, who lives in the building, and a residents' representative."""
    community = model_community()
    homes = {household.code: household.unit_codes[0].partition("-")[0] for household in community.households}
    names = {building.code: building.name for building in community.buildings}
    free = [one for one in community.residents if one.relation == "户主" and one.household_code not in taken]
    head = next(resident for resident in free if not resident.is_representative)
    building = homes[head.household_code]
    role = StaffRole("building_head", "building", building)
    yield StaffMember("building1", f"{names[building]}楼栋长", (role,), head.name, head.household_code)
    voice = next(resident for resident in free if resident.is_representative)
    seat = StaffRole("representative")
    yield StaffMember("representative1", "居民代表", (seat,), voice.name, voice.household_code)


def _householders() -> list[Resident]:
    """Take householders of working age from all over the community, party members first: they hold the first posts."""
    of_age = [
        resident
        for resident in model_community().residents
        if resident.relation == "户主" and 30 <= (AS_OF - resident.born_on).days // 365 <= 58
    ]
    party = [resident for resident in of_age if resident.is_party_member]
    others = [resident for resident in of_age if not resident.is_party_member]
    return [*party[:: max(1, len(party) // 45)][:40], *others[:: len(others) // 150]]


def _posts() -> Iterator[StaffMember]:
    yield StaffMember("secretary", "党支部书记、党员", (StaffRole("branch_secretary"), StaffRole("committee_member")))
    for number in range(1, 7):
        yield StaffMember(f"committee{number}", "两委委员", (StaffRole("committee_member"),))
    for number in range(1, 4):
        yield StaffMember(f"supervisor{number}", "监督委员会委员", (StaffRole("supervisor"),))
    for number in range(1, 6):
        yield StaffMember(f"assessor{number}", "积分评议员", (StaffRole("assessor"),))
    for number in range(1, 3):
        yield StaffMember(f"storekeeper{number}", "爱心超市管理员", (StaffRole("storekeeper"),))
    for number in range(1, 5):
        yield StaffMember(f"inspector{number}", "巡查员", (StaffRole("inspector"),))
    for number in range(1, GRIDS + 1):
        role = StaffRole("grid_worker", "grid", f"W{number:02d}")
        yield StaffMember(f"grid{number}", f"第{'一二三四五六七八'[number - 1]}网格网格员", (role,))
    yield from _property_company()


def _property_company() -> Iterator[StaffMember]:
    yield StaffMember("manager", "物业经理", (StaffRole("property_manager"),))
    desk = StaffRole("property_agent", "department", "customer_service")
    for number in range(1, DESK_AGENTS + 1):
        head = (StaffRole("department_head", "department", "customer_service"),) if number == 1 else ()
        yield StaffMember(f"desk{number}", "客服主管" if head else "客服", (desk, *head))
    for prefix, duty, department, count in (
        ("clean", "保洁", "cleaning", CLEANERS),
        ("guard", "保安", "security", GUARDS),
        ("green", "绿化", "greening", GARDENERS),
        ("repair", "工程维修", "engineering", ENGINEERS),
        ("market", "市场管理", "market", MARKET_STAFF),
    ):
        for number in range(1, count + 1):
            head = (StaffRole("department_head", "department", department),) if number == 1 else ()
            area = f"第 {(number - 1) % CLEANING_AREAS + 1} 片区" if department == "cleaning" else ""
            work = StaffRole("property_worker", "department", department)
            yield StaffMember(f"{prefix}{number:02d}", f"{duty}{area}{'主管' if head else ''}", (work, *head))


def is_property_staff(member: StaffMember) -> bool:
    """Tell whether somebody is paid by the property company."""
    return any(role.role.startswith(("property_", "department_head")) for role in member.roles)
