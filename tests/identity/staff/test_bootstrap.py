"""The first community and its administrator come into being once, however often the launcher asks."""

from typing import Any

from services.identity.bootstrap import FirstCommunity, bootstrap
from services.identity.communities.domain import Level
from services.identity.entrance import Entrance
from services.identity.staff import totp
from services.identity.staff.usecases import sign_in_staff
from shared.contracts.events import CommunityNamed
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.ids import NO_COMMUNITY
from shared.kernel.principal import Role
from shared.testing.clients import Apps


async def test_the_first_administrator_can_sign_in(
    apps: Apps, entrance: Entrance, clock: FixedClock, facts_of: Any
) -> None:
    code = f"T{new_id().hex[-10:]}"
    district, township = Level("420304", "郧阳区"), Level("420304001", "城关镇")
    first = FirstCommunity(code, "青龙泉社区", township, district, admin_user_name=f"admin-{code}")
    made = await bootstrap(apps.runtime("identity"), first)
    assert made.administrator is not None
    signed_in = await sign_in_staff(
        entrance=entrance,
        user_name=first.admin_user_name,
        password=made.administrator.password,
        totp_code=totp.totp(totp.from_base32(made.administrator.totp_secret), clock.now()),
        community_id=None,
        device="",
        new_password="门前的石榴树开了七朵花",
    )
    assert signed_in.principal.community_id == made.community_id
    assert signed_in.principal.has(Role.COMMUNITY_ADMIN)
    again = await bootstrap(apps.runtime("identity"), first)
    assert (again.community_id, again.administrator) == (made.community_id, None)
    told = [
        f for f in await facts_of("identity", NO_COMMUNITY) if getattr(f, "community_id", None) == made.community_id
    ]
    assert told == [CommunityNamed(community_id=made.community_id, code=code, name="青龙泉社区")], "told once"
