"""The very first community and its administrator, before there is anybody who could be asked. For the launcher only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.identity.communities import usecases as communities
from services.identity.staff import usecases as staff
from services.identity.staff.domain import NewColleague
from shared.kernel.ids import NO_COMMUNITY
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


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """The community, and the administrator's secrets when he was taken on just now: they are told this once."""

    community_id: UUID
    administrator: IssuedSecrets | None


async def bootstrap(runtime: Runtime[Settings], first: FirstCommunity) -> Bootstrapped:
    """Make the first community and its administrator.

    Locks/IO: two short transactions; a crash in between is made good by the next call.
    Idempotency: by the community's code and the administrator's user name.
    Errors: PasswordTooWeakError.
    """
    async with unit_of_work(runtime.database, runtime.clock, NO_COMMUNITY) as uow:
        community_id = await _find_by_code(uow, first.code) or await communities.open_community(
            uow=uow, code=first.code, name=first.name, township=first.township, district=first.district
        )
    colleague = NewColleague(
        user_name=first.admin_user_name,
        name=first.admin_name,
        password=first.admin_password,
        resident_id=None,
        roles=(),
    )
    async with unit_of_work(runtime.database, runtime.clock, community_id) as uow:
        told = await staff.install_administrator(uow=uow, cipher=runtime.cipher, colleague=colleague)
    return Bootstrapped(community_id, told)


async def _find_by_code(uow: UnitOfWork, code: str) -> UUID | None:
    # The list is sorted by code, then id: the row behind the smallest id is the first of this code.
    page = PageRequest(limit=1, after=(code, str(UUID(int=0))))
    found = await communities.list_communities(uow=uow, page=page)
    return next((card.id for card in found.rows if card.code == code), None)
