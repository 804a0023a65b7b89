"""From a fact to a telephone, through the local WeChat server: one grant, one message, never twice."""

import asyncio
from datetime import timedelta

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from launcher.wechat_local import LocalWechat, create_app
from services.notifications.channels import SEND_CALL, WechatChannel, outcome_of
from services.notifications.messages import repository, usecases
from services.notifications.messages.domain import STUCK_AFTER, Outcome
from services.notifications.messages.templates import TemplateKey
from services.notifications.sender import MessageSender
from shared import wechat_errors as errors
from shared.ids import new_id
from shared.testing.clock import MONDAY_MORNING
from shared.wechat import WechatApp, WechatClient
from tests.notifications import samples

SEND = "/cgi-bin/message/subscribe/send"
TEMPLATE_IDS = {key: f"id-of-{key}" for key in TemplateKey}
GRANTS = "/api/v1/notifications/grants"


@pytest.fixture
async def wechat(clock):
    server = LocalWechat(clock=clock)
    app = WechatApp(server.app_id, SecretStr(server.app_secret), base_url="http://wechat.local")
    client = WechatClient(app, clock=clock, transport=httpx2.ASGITransport(app=create_app(server)))
    server.client = client
    yield server
    await client.aclose()


@pytest.fixture(autouse=True)
async def _nobody_else_waits(apps, clock):
    """Settle what other tests have left in the queue: a sender serves every community, and WeChat answers in turn."""

    class NoTelephone:
        async def send(self, message, openid):
            return Outcome.REFUSED

    clock.advance(timedelta(days=2))
    while await MessageSender(apps.runtime("notifications"), NoTelephone()).send_due():
        pass
    clock.set(MONDAY_MORNING)


@pytest.fixture
def sender(apps, wechat):
    return MessageSender(apps.runtime("notifications"), WechatChannel(wechat.client, TEMPLATE_IDS))


@pytest.fixture
def tell(hear, people):
    async def say(event):
        return await hear("notifications", people.community_id, event)

    return say


@pytest.fixture
async def resident(people, tell, wechat):
    """A resident who has signed in through WeChat, and whom WeChat knows under a name of this test's own."""
    person = people.resident()
    openid = f"openid-{person.account_id}"
    await wechat.client.sign_in(wechat.mint_login_code(openid))
    await tell(samples.bound(person, openid))
    return person


@pytest.fixture
def accept(client_for, wechat):
    async def tap(person, template: TemplateKey = TemplateKey.POINTS_RESULT) -> None:
        wechat.allow(f"openid-{person.account_id}", TEMPLATE_IDS[template])
        answer = {"answers": [{"template": template, "answer": "accept"}]}
        assert (await client_for("notifications", person).post(GRANTS, json=answer)).status_code == 200

    return tap


@pytest.fixture
def state_of(apps):
    async def read(person) -> list[tuple[str, str | None, int]]:
        async with apps.runtime("notifications").database.worker.connect() as connection:
            rows = await connection.execute(
                text(
                    "SELECT state, outcome, attempts FROM notifications.message"
                    " WHERE account_id = :account_id ORDER BY id"
                ),
                {"account_id": person.account_id},
            )
            return [tuple(row) for row in rows]

    return read


@pytest.fixture
def grants_of(client_for):
    async def read(person, template: TemplateKey = TemplateKey.POINTS_RESULT) -> int:
        rows = (await client_for("notifications", person).get("/api/v1/notifications/templates")).json()
        return next(row["grants"] for row in rows if row["template"] == template)

    return read


async def test_one_acceptance_is_one_message(resident, accept, tell, sender, wechat, state_of, grants_of):
    await accept(resident)
    event = samples.posted(resident.household_id)
    await tell(event)
    await tell(event)
    await sender.send_due()
    await sender.send_due()
    (message,) = wechat.messages
    assert message["touser"] == f"openid-{resident.account_id}"
    assert message["template_id"] == "id-of-points_result"
    assert message["page"] == f"pages/points/claim?id={event.claim_id}"
    assert message["data"] == {
        "thing1": {"value": "义务巡逻"},
        "phrase2": {"value": "已入账"},
        "time3": {"value": "2026年5月11日 09:00"},
        "thing4": {"value": "增加 5 分"},
    }
    assert await state_of(resident) == [("sent", "delivered", 1)]
    assert await grants_of(resident) == 0
    await tell(samples.posted(resident.household_id))
    await sender.send_due()
    assert len(wechat.messages) == 1, "nothing was accepted for the second fact; the inbox tells it"
    assert len(await state_of(resident)) == 1


async def test_two_facts_and_one_acceptance_are_one_message(resident, accept, tell, sender, wechat, state_of):
    await accept(resident)
    await tell(samples.posted(resident.household_id))
    await tell(samples.posted(resident.household_id))
    await sender.send_due()
    assert len(wechat.messages) == 1
    assert sorted(await state_of(resident)) == [("sent", "delivered", 1), ("spent", "no_grant", 0)]


async def test_nights_are_quiet(resident, accept, tell, sender, wechat, clock):
    await accept(resident)
    clock.advance(timedelta(hours=13))
    await tell(samples.posted(resident.household_id))
    await sender.send_due()
    assert wechat.messages == []
    clock.advance(timedelta(hours=9, minutes=59))
    await sender.send_due()
    assert wechat.messages == []
    clock.advance(timedelta(minutes=1))
    await sender.send_due()
    assert len(wechat.messages) == 1


@pytest.mark.parametrize(
    ("errcode", "state", "outcome", "grants"),
    [
        (43101, "spent", "grant_spent", 0),
        (40003, "failed", "refused", 2),
        (40037, "failed", "refused", 2),
        (41030, "failed", "refused", 2),
        (47003, "failed", "refused", 2),
        (99999, "failed", "refused", 2),
    ],
)
async def test_a_refusal_is_final(
    resident, accept, tell, sender, wechat, clock, state_of, grants_of, errcode, state, outcome, grants
):
    await accept(resident)
    await accept(resident)
    wechat.script(SEND, errcode)
    await tell(samples.posted(resident.household_id))
    await sender.send_due()
    clock.advance(timedelta(hours=2))
    await sender.send_due()
    assert wechat.messages == []
    assert await state_of(resident) == [(state, outcome, 1)]
    assert await grants_of(resident) == grants


@pytest.mark.parametrize(
    ("errcode", "wait"),
    [
        (-1, timedelta(minutes=1)),
        (45011, timedelta(minutes=1)),
        (45009, timedelta(hours=23)),
        (48001, timedelta(minutes=1)),
    ],
)
async def test_a_busy_wechat_is_asked_again_later(
    resident, accept, tell, sender, wechat, clock, state_of, grants_of, errcode, wait
):
    await accept(resident)
    wechat.script(SEND, errcode)
    await tell(samples.posted(resident.household_id))
    await sender.send_due()
    assert (await state_of(resident))[0][0] == "queued"
    assert await grants_of(resident) == 1
    clock.advance(wait - timedelta(seconds=1))
    await sender.send_due()
    assert wechat.messages == []
    clock.advance(timedelta(seconds=1))
    await sender.send_due()
    assert len(wechat.messages) == 1
    assert await state_of(resident) == [("sent", "delivered", 2)]
    assert await grants_of(resident) == 0


async def test_a_spent_quota_stops_everybody_until_tomorrow(
    people, resident, accept, tell, sender, wechat, clock, state_of
):
    neighbour = people.resident()
    openid = f"openid-{neighbour.account_id}"
    await wechat.client.sign_in(wechat.mint_login_code(openid))
    await tell(samples.bound(neighbour, openid))
    for person in (resident, neighbour):
        await accept(person)
        await tell(samples.posted(person.household_id))
    wechat.script(SEND, 45009)
    await sender.send_due()
    assert await state_of(resident) == [("queued", "quota", 1)]
    assert await state_of(neighbour) == [("queued", None, 0)], "asking for the next one would be refused likewise"
    clock.advance(timedelta(hours=15, minutes=4))
    assert await sender.send_due() == 0
    clock.advance(timedelta(hours=7, minutes=56))
    await sender.send_due()
    assert [(await state_of(person))[0][0] for person in (resident, neighbour)] == ["sent", "sent"]


async def test_two_workers_send_it_once(apps, resident, accept, tell, wechat, sender, state_of):
    for _ in range(4):
        await accept(resident)
        await tell(samples.posted(resident.household_id))
    other = MessageSender(apps.runtime("notifications"), WechatChannel(wechat.client, TEMPLATE_IDS))
    await asyncio.gather(*(worker.send_due() for worker in (sender, other) for _ in range(3)))
    await sender.send_due()
    assert len(wechat.messages) == 4
    assert await state_of(resident) == [("sent", "delivered", 1)] * 4


async def test_an_outcome_waits_for_whoever_is_just_looking_at_the_message(
    resident, accept, tell, work_in, people, state_of, clock
):
    await accept(resident)
    await tell(samples.posted(resident.household_id))
    async with work_in("notifications", people.community_id) as uow:
        ((_, message_id),) = [
            found
            for found in await repository.list_due(uow.session, clock.now(), 1000)
            if found[0] == people.community_id
        ]
        assert await usecases.begin_sending(uow=uow, message_id=message_id) is not None

    async def settle():
        async with work_in("notifications", people.community_id) as uow:
            return await usecases.settle_sending(uow=uow, message_id=message_id, outcome=Outcome.DELIVERED)

    async with work_in("notifications", people.community_id) as looking:
        assert await usecases.begin_sending(uow=looking, message_id=message_id) is None
        settling = asyncio.create_task(settle())
        await asyncio.wait({settling}, timeout=0.3)
    assert await settling is not None
    assert await state_of(resident) == [("sent", "delivered", 1)]


async def test_a_worker_that_dies_while_sending_leaves_no_second_message(
    apps, resident, accept, tell, wechat, clock, sweep, sender, state_of
):
    class DyingChannel:
        async def send(self, message, openid):
            await WechatChannel(wechat.client, TEMPLATE_IDS).send(message, openid)
            raise KeyboardInterrupt

    await accept(resident)
    await accept(resident)
    await tell(samples.posted(resident.household_id))
    with pytest.raises(KeyboardInterrupt):
        await MessageSender(apps.runtime("notifications"), DyingChannel()).send_due()
    assert await state_of(resident) == [("sending", None, 1)]
    await sender.send_due()
    clock.advance(STUCK_AFTER)
    await sweep("notifications", "give_up_attempts")
    await sender.send_due()
    assert await state_of(resident) == [("unknown", "no_answer", 1)]
    assert len(wechat.messages) == 1


async def test_who_never_signed_in_through_wechat_is_told_by_the_inbox_alone(
    people, tell, client_for, sender, wechat, state_of
):
    person = people.resident()
    await tell(samples.bound(person))
    answer = {"answers": [{"template": "points_result", "answer": "accept"}]}
    await client_for("notifications", person).post(GRANTS, json=answer)
    await tell(samples.posted(person.household_id))
    await sender.send_due()
    assert await state_of(person) == [("failed", "no_openid", 0)]
    assert wechat.messages == []
    assert len((await client_for("notifications", person).get("/api/v1/notifications/inbox")).json()["items"]) == 1


async def test_a_template_nobody_set_up_is_the_operators_business(
    apps, resident, accept, tell, wechat, state_of, grants_of
):
    await accept(resident)
    await tell(samples.posted(resident.household_id))
    await MessageSender(apps.runtime("notifications"), WechatChannel(wechat.client, {})).send_due()
    assert await state_of(resident) == [("queued", "misconfigured", 1)]
    assert await grants_of(resident) == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (errors.WechatUnreachableError(call=SEND_CALL), Outcome.NO_ANSWER),
        (errors.WechatUnreachableError(call=SEND_CALL, status=502), Outcome.BUSY),
        (errors.WechatUnreachableError(call="stable_token"), Outcome.BUSY),
        (errors.WechatTokenError(errcode=40001), Outcome.BUSY),
        (errors.WechatAddressError(errcode=40164), Outcome.MISCONFIGURED),
    ],
)
def test_what_an_unreachable_wechat_means(error, outcome):
    assert outcome_of(error) is outcome


async def test_a_deleted_account_is_sent_nothing_more(resident, accept, tell, sender, wechat, state_of):
    from shared.contracts.events import AccountDeleted

    await accept(resident)
    await tell(samples.posted(resident.household_id))
    await tell(AccountDeleted(account_id=resident.account_id, resident_id=new_id(), household_id=None))
    await sender.send_due()
    assert wechat.messages == []
    assert await state_of(resident) == []
