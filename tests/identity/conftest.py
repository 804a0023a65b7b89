"""A community with an office, homes with people in them, and a WeChat of its own."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr

from launcher.wechat_local import LocalWechat
from launcher.wechat_local import create_app as create_wechat
from services.identity.entrance import Entrance
from services.identity.households.models import HouseholdRow
from services.identity.places.models import BuildingRow, GridRow
from services.identity.residents.models import ResidentRow
from services.identity.residents.usecases import index_phone
from services.identity.roles.domain import WantedRole
from services.identity.staff import totp
from services.identity.staff.domain import NewColleague
from services.identity.staff.usecases import IssuedSecrets, keep_passwords, take_on_staff
from shared.auth import TokenVerifier
from shared.crypto import mask_phone
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.testing.clients import Apps, People
from shared.testing.factories import WorkIn
from shared.wechat import WechatApp, WechatClient


@dataclass(frozen=True)
class Person:
    """Somebody on the roster, before he is entered."""

    name: str
    relation: str = "child"
    phone: str | None = None
    is_party_member: bool = False
    is_representative: bool = False
    status: str = "active"


@dataclass(frozen=True)
class Home:
    """A household and the ids of its members, in the order given."""

    community_id: UUID
    grid_id: UUID
    building_id: UUID
    household_id: UUID
    resident_ids: list[UUID]


SettleIn = Callable[..., Awaitable[Home]]
WANG = (Person("王建国", "householder"), Person("王小明"))


@pytest.fixture(scope="session")
def settle(apps: Apps, work_in: WorkIn) -> SettleIn:
    """Return a maker of households: `await settle(community_id, Person("王建国", "householder"), …)`."""

    async def move_in(community_id: UUID, *members: Person) -> Home:
        cipher = apps.runtime("identity").cipher
        members = members or WANG
        async with work_in("identity", community_id) as uow:
            home = Home(community_id, new_id(), new_id(), new_id(), [new_id() for _ in members])
            number = home.household_id.hex[-8:]
            place = {"community_id": community_id, "grid_id": home.grid_id, "address": "1栋1单元101"}
            uow.session.add(
                GridRow(community_id=community_id, id=home.grid_id, code=number, name="第一网格", created_at=uow.now)
            )
            await uow.session.flush()
            uow.session.add(BuildingRow(**place, id=home.building_id, code=number, name="1栋", created_at=uow.now))
            await uow.session.flush()
            uow.session.add(
                HouseholdRow(
                    **place,
                    id=home.household_id,
                    number=number,
                    status="active",
                    tenure="owner",
                    grid_name="第一网格",
                    building_id=home.building_id,
                    building_name="1栋",
                    area_cm2e2=900_000,
                    resident_count=len(members),
                    created_at=uow.now,
                    updated_at=uow.now,
                )
            )
            await uow.session.flush()
            for resident_id, person in zip(home.resident_ids, members, strict=True):
                context = f"resident.phone:{resident_id}"
                uow.session.add(
                    ResidentRow(
                        **place,
                        id=resident_id,
                        household_id=home.household_id,
                        household_number=number,
                        building_id=home.building_id,
                        name=person.name,
                        relation=person.relation,
                        status=person.status,
                        phone=None if person.phone is None else cipher.encrypt(person.phone, context),
                        phone_masked=None if person.phone is None else mask_phone(person.phone),
                        phone_index=None if person.phone is None else index_phone(cipher, person.phone),
                        is_party_member=person.is_party_member,
                        is_representative=person.is_representative,
                        created_at=uow.now,
                        updated_at=uow.now,
                    )
                )
        return home

    return move_in


@dataclass
class Office:
    """The people at work in a community; everybody is taken on by the same administrator."""

    apps: Apps
    work_in: WorkIn
    admin: Principal
    clock: FixedClock
    taken_on: int = field(default=0)

    async def take_on(
        self, *roles: Role, name: str = "张三", resident_id: UUID | None = None, is_password_chosen: bool = True
    ) -> IssuedSecrets:
        """Take on a colleague with community-wide roles, and return the secrets; the password is his own by now, unless said otherwise."""
        self.taken_on += 1
        colleague = NewColleague(
            user_name=f"staff{self.taken_on}.{self.admin.community_id.hex[-12:]}",
            name=name,
            password=None,
            resident_id=resident_id,
            roles=tuple(WantedRole(role, ScopeKind.COMMUNITY, "") for role in roles),
        )
        async with self.work_in("identity", self.admin.community_id) as uow:
            cipher = self.apps.runtime("identity").cipher
            (issued,) = await take_on_staff(uow=uow, principal=self.admin, cipher=cipher, colleagues=[colleague])
            if is_password_chosen:
                await keep_passwords(uow=uow)
        return issued

    def digits(self, issued: IssuedSecrets) -> str:
        """Return what the colleague's authenticator app shows now."""
        return totp.totp(totp.from_base32(issued.totp_secret), self.clock.now())


@pytest.fixture
def office(apps: Apps, work_in: WorkIn, people: People, clock: FixedClock) -> Office:
    return Office(apps, work_in, people.staff(Role.COMMUNITY_ADMIN), clock)


@pytest.fixture
def entrance(apps: Apps) -> Entrance:
    runtime = apps.runtime("identity")
    return Entrance(runtime.database, runtime.clock, runtime.cipher)


@pytest.fixture
def wechat(apps: Apps, clock: FixedClock) -> Iterator[LocalWechat]:
    """A WeChat of this test's own, which the service talks to."""
    world = LocalWechat(clock=clock)
    app = WechatApp(world.app_id, SecretStr(world.app_secret), base_url="http://wechat.test")
    state = apps.app("identity").state
    before = state.wechat
    state.wechat = WechatClient(app, clock=clock, transport=httpx2.ASGITransport(app=create_wechat(world)))
    yield world
    state.wechat = before


@pytest.fixture
def verifier(apps: Apps, clock: FixedClock) -> TokenVerifier:
    """A verifier that trusts what identity itself publishes, as every other service does."""
    return TokenVerifier(apps.app("identity").state.signer.key_set, clock)
