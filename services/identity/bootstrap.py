"""The very first community and its first officials, before there is anybody to ask. For the launcher only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.identity.communities import usecases as communities
from services.identity.staff import usecases as staff
from services.identity.staff.domain import NewColleague
from shared.kernel.ids import NO_COMMUNITY
from shared.kernel.principal import Role
from shared.pagination import PageRequest
from shared.uow import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from services.identity.communities.domain import Level
    from services.identity.settings import Settings
    from services.identity.staff.usecases import IssuedSecrets
    from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class FirstCommunity:
    """What is to be there at the end."""

    code: str
    name: str
    township: Level
    district: Level
    admin_user_name: str = "admin"
    admin_name: str = "社区管理员"
    admin_password: str | None = None
    officer_user_name: str = "township1"
    officer_name: str = "街道干部"
    district_user_name: str | None = None
    """Who looks in from the district; a district that is there already needs nobody new."""
    district_name: str = "区干部"


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """The community, and the secrets of those who were taken on just now: they are told this once."""

    community_id: UUID
    administrator: IssuedSecrets | None
    township_officer: IssuedSecrets | None
    district_officer: IssuedSecrets | None


async def bootstrap(runtime: Runtime[Settings], first: FirstCommunity) -> Bootstrapped:
    """Make the first community, its administrator, the township officer who signs its decisions and, if asked for, one of the district.

    Locks/IO: a few short transactions; a crash in between is made good by the next call.
    Idempotency: by the community's code and the user names.
    Errors: PasswordTooWeakError.
    """
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
        community_id = await _find_by_code(uow, first.code) or await communities.open_community(
            uow=uow, code=first.code, name=first.name, township=first.township, district=first.district
        )
    return Bootstrapped(
        community_id,
        administrator=await _install(
            runtime, community_id, first.admin_user_name, first.admin_name, Role.COMMUNITY_ADMIN, first.admin_password
        ),
        township_officer=await _install(
            runtime, community_id, first.officer_user_name, first.officer_name, Role.TOWNSHIP_OFFICER, None
        ),
        district_officer=None
        if first.district_user_name is None
        else await _install(
            runtime, community_id, first.district_user_name, first.district_name, Role.DISTRICT_OFFICER, None
        ),
    )


async def keep_passwords(runtime: Runtime[Settings], community_id: UUID) -> None:
    """Let everybody in a community of invented people sign in for good with the password that is printed for him."""
    async with unit_of_work(runtime.database, runtime.clock, community_id) as uow:
        await staff.keep_passwords(uow=uow)


async def _install(
    runtime: Runtime[Settings], community_id: UUID, user_name: str, name: str, role: Role, password: str | None
) -> IssuedSecrets | None:
    colleague = NewColleague(user_name=user_name, name=name, password=password, resident_id=None, roles=())
    async with unit_of_work(runtime.database, runtime.clock, community_id) as uow:
        return await staff.install_colleague(uow=uow, cipher=runtime.cipher, colleague=colleague, role=role)


async def _find_by_code(uow: UnitOfWork, code: str) -> UUID | None:
    # The list is sorted by code, then id: the row behind the smallest id is the first of this code.
    page = PageRequest(limit=1, after=(code, str(UUID(int=0))))
    found = await communities.list_communities(uow=uow, page=page)
    return next((card.id for card in found.rows if card.code == code), None)
