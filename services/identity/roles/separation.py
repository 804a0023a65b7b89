"""Which roles one person may not hold at the same time, and which need a second proof at the door."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.kernel.principal import Role


@dataclass(frozen=True, slots=True)
class Separation:
    """Two groups of roles that must stay in different hands, and the reason in plain words."""

    one: frozenset[Role]
    other: frozenset[Role]
    reason: str

    def forbids(self, held: Role, asked: Role) -> bool:
        """Tell whether holding one excludes the other."""
        return (held in self.one and asked in self.other) or (held in self.other and asked in self.one)


_PROPERTY = frozenset({Role.PROPERTY_AGENT, Role.PROPERTY_WORKER, Role.DEPARTMENT_HEAD, Role.PROPERTY_MANAGER})

SEPARATIONS: tuple[Separation, ...] = (
    Separation(
        frozenset({Role.STOREKEEPER}),
        frozenset({Role.ASSESSOR}),
        "管积分超市货物的人不能评议积分",
    ),
    Separation(
        frozenset({Role.SUPERVISOR}),
        frozenset({Role.ASSESSOR, Role.STOREKEEPER, Role.COMMITTEE_MEMBER, Role.BRANCH_SECRETARY}) | _PROPERTY,
        "监督委员会成员不能担任被监督的职务",
    ),
    Separation(
        frozenset({Role.INSPECTOR}),
        _PROPERTY,
        "物业人员不能检查物业",
    ),
    Separation(
        frozenset({Role.COMMUNITY_ADMIN}),
        frozenset({Role.ASSESSOR, Role.SUPERVISOR, Role.STOREKEEPER}),
        "管理账号的人不能同时评议积分、管理货物或负责监督",
    ),
)
"""Source: the assessment panel reviews while the supervision committee watches it [JY]; members of the body that is watched
may not sit in the watching body (村民委员会组织法 第三十二条); community inspectors judge the property company [YY 青龙泉]."""

TOTP_ROLES = frozenset(
    {
        Role.ASSESSOR,
        Role.STOREKEEPER,
        Role.SUPERVISOR,
        Role.COMMITTEE_MEMBER,
        Role.BRANCH_SECRETARY,
        Role.PROPERTY_MANAGER,
        Role.COMMUNITY_ADMIN,
        Role.TOWNSHIP_OFFICER,
        Role.DISTRICT_OFFICER,
    }
)
"""Staff roles that move points, money or votes, or that hand out such roles."""


def find_separation(held: Iterable[Role], asked: Role) -> tuple[Role, Separation] | None:
    """Return the held role that excludes the asked one, and the rule it rests on."""
    for role in sorted(held):
        for separation in SEPARATIONS:
            if separation.forbids(role, asked):
                return role, separation
    return None


def needs_totp(roles: Iterable[Role]) -> bool:
    """Tell whether a staff member with these roles signs in with six digits besides the password."""
    return not TOTP_ROLES.isdisjoint(roles)
