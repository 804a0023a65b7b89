"""What a community has in this service, for proofs that nobody else can reach it."""

from typing import Any

from services.identity.communities import repository
from services.identity.communities.domain import Level
from shared.kernel.clock import FixedClock
from shared.kernel.ids import NO_COMMUNITY
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.identity.conftest import Office
from tests.identity.rosters.kit import Desk

API = "/api/v1/identity"


async def seed(
    client_for: ClientFor, people: People, sweep: Any, work_in: WorkIn, apps: Apps, clock: FixedClock
) -> None:
    """Register the community, bring in its roster, take on a colleague who signs in, and let another system in."""
    code = people.community_id.hex
    async with work_in("identity", NO_COMMUNITY) as uow:
        district_id = await repository.save_district(uow.session, uow.new_id(), Level(code, "示范区"))
        township_id = await repository.save_township(uow.session, uow.new_id(), district_id, Level(code, "城关街道"))
        row = {"township_id": township_id, "code": code, "name": "隔壁社区", "registered_at": uow.now}
        await repository.insert_community(uow.session, {"id": people.community_id, **row})

    principal = people.staff(Role.COMMUNITY_ADMIN)
    admin = client_for("identity", principal)
    await Desk(admin, sweep).bring_in()
    office = Office(apps, work_in, principal, clock)
    issued = await office.take_on(Role.INSPECTOR)
    body = {"user_name": issued.user_name, "password": issued.password, "totp_code": office.digits(issued)}
    signed_in = await client_for("identity").post(f"{API}/staff_sessions", json=body)
    assert signed_in.status_code == 201, signed_in.text
    system = await admin.post(f"{API}/clients", json={"name": "区政务服务平台", "scopes": ["points:read"]})
    assert system.status_code == 201, system.text
