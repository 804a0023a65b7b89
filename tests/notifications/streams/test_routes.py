"""Live streams: told at once, resumed without gap or repeat, bounded, and gone when the page is gone."""

import asyncio

import pytest

from services.notifications.worker import create_worker
from shared.ids import new_id
from tests.notifications import samples
from tests.notifications.streams.pages import Page

INBOX = "/api/v1/notifications/inbox"


@pytest.fixture
def open_page(apps, signer):
    def make(principal=None, last_event_id=None) -> Page:
        token = None if principal is None else signer.token(principal)
        return Page(apps.app("notifications"), token, last_event_id=last_event_id)

    return make


@pytest.fixture
def settings(apps):
    """Let a test change how long streams last and how often they look; put it back afterwards."""
    current = apps.runtime("notifications").settings
    before = current.stream_seconds, current.stream_keepalive_seconds

    def change(**values):
        for name, value in values.items():
            object.__setattr__(current, name, value)

    # Longer than any test waits: what arrives, arrives because somebody knocked.
    change(stream_keepalive_seconds=60)
    yield change
    change(stream_seconds=before[0], stream_keepalive_seconds=before[1])


@pytest.fixture
def tell(hear, people):
    async def say(event):
        return await hear("notifications", people.community_id, event)

    return say


@pytest.fixture
async def reader(people, tell):
    person = people.resident()
    await tell(samples.bound(person))
    return person


async def opened(page: Page) -> dict:
    """Pass the opening and return the counts every stream begins with."""
    name, event_id, data = await page.event()
    assert (name, event_id) == ("unread", None)
    return data


async def test_what_is_told_arrives_at_once(open_page, reader, tell, settings):
    async with open_page(reader) as page:
        assert (page.status, page.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert page.headers["cache-control"] == "no-store"
        assert await opened(page) == {"total": 0, "by_topic": {}}
        await tell(samples.posted(reader.household_id, points=7))
        name, event_id, item = await page.event()
        assert (name, event_id, item["sequence"], item["title"]) == ("inbox_item", 1, 1, "积分增加 7 分")
        assert await page.event() == ("unread", None, {"total": 1, "by_topic": {"points": 1}})


async def test_a_stream_goes_on_after_the_last_item_seen(open_page, reader, tell, settings):
    for points in (1, 2, 3):
        await tell(samples.posted(reader.household_id, points=points))
    async with open_page(reader, "1") as page:
        assert [(await page.event())[1] for _ in range(2)] == [2, 3]
        assert (await opened(page))["total"] == 3
    async with open_page(reader) as page:
        assert (await opened(page))["total"] == 3, "without an id only what comes is told; the list shows the rest"
    async with open_page(reader, "3") as page:
        assert (await opened(page))["total"] == 3
    async with open_page(reader, "99") as page:
        await opened(page)
        await tell(samples.posted(reader.household_id, points=4))
        assert (await page.event())[1] == 4, "an id from the future must not keep a page silent"
    async with open_page(reader, "not a number") as page:
        assert (await opened(page))["total"] == 4


async def test_a_long_absence_is_told_in_order_and_whole(open_page, reader, hear, people, settings):
    for _ in range(120):
        await hear("notifications", people.community_id, samples.posted(reader.household_id))
    async with open_page(reader, "0") as page:
        ids = []
        while len(ids) < 120:
            _, event_id, _ = await page.event()
            ids += [event_id] if event_id is not None else []
    assert ids == list(range(1, 121))


async def test_reading_on_the_phone_is_seen_on_the_desk(open_page, client_for, reader, tell, settings):
    await tell(samples.posted(reader.household_id))
    async with open_page(reader) as page:
        assert (await opened(page))["total"] == 1
        await client_for("notifications", reader).post(f"{INBOX}/reads", json={})
        assert await page.event() == ("unread", None, {"total": 0, "by_topic": {}})


async def test_nobody_hears_what_is_said_to_others(open_page, people, strangers, reader, tell, hear, settings):
    neighbour = people.resident()
    stranger = strangers.resident(reader.household_id)
    await tell(samples.bound(neighbour))
    await hear("notifications", strangers.community_id, samples.bound(stranger))
    async with open_page(neighbour) as page, open_page(stranger, "0") as foreign:
        await opened(page)
        await opened(foreign)
        await tell(samples.posted(reader.household_id))
        await tell(samples.posted(neighbour.household_id, points=9))
        await hear("notifications", strangers.community_id, samples.posted(stranger.household_id, points=8))
        assert (await page.event())[2]["title"] == "积分增加 9 分"
        assert (await foreign.event())[2]["title"] == "积分增加 8 分"


async def test_a_crowd_is_woken_by_one_knock(open_page, people, tell, settings):
    crowd = [people.resident() for _ in range(201)]
    for person in crowd:
        await tell(samples.bound(person))
    async with open_page(crowd[0]) as first, open_page(crowd[-1]) as last:
        await opened(first)
        await opened(last)
        await tell(samples.round_opened())
        assert (await first.event())[2]["title"] == "请您家投票"
        assert (await last.event())[2]["title"] == "请您家投票"


async def test_a_lost_knock_is_late_and_never_lost(open_page, reader, work_in, people, settings):
    from services.notifications.inbox import usecases
    from services.notifications.inbox.wording import put_into_words

    settings(stream_keepalive_seconds=0.05)
    async with open_page(reader) as page:
        await opened(page)
        async with work_in("notifications", people.community_id) as uow:
            await usecases.tell(uow=uow, drafts=put_into_words(samples.posted(reader.household_id, points=6)))
        assert (await page.event())[2]["title"] == "积分增加 6 分"


async def test_what_was_rolled_back_knocks_at_no_door(apps, reader, work_in, people):
    from services.notifications.wakeups import CHANNEL, Wakeups

    redis = apps.runtime("notifications").redis
    wakeups = Wakeups(redis)
    async with redis.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        assert (await channel.get_message(timeout=60))["type"] == "subscribe"

        async def fail() -> None:
            async with work_in("notifications", people.community_id) as uow:
                wakeups.after_commit(uow, {reader.account_id})
                raise LookupError

        with pytest.raises(LookupError):
            await fail()
        async with work_in("notifications", people.community_id) as uow:
            wakeups.after_commit(uow, {uow.community_id})
        await wakeups.settle()
        knock = await channel.get_message(ignore_subscribe_messages=True, timeout=60)
        assert knock["data"] == f"{people.community_id}:{people.community_id}"


async def test_an_idle_stream_shows_that_it_lives_and_ends_in_time(open_page, reader, settings):
    settings(stream_keepalive_seconds=0.02, stream_seconds=1)
    async with open_page(reader) as page:
        blocks = []
        while (block := await page.block()) is not None:
            blocks.append(block)
    assert blocks[0] == "retry: 3000\n\n"
    assert blocks.count(": still here\n\n") >= 5


async def test_open_pages_are_bounded_and_their_places_given_back(open_page, apps, reader, people, settings):
    hub = apps.app("notifications").state.hub
    pages = [open_page(reader) for _ in range(5)]
    for page in pages:
        await page.__aenter__()
        await opened(page)
    async with open_page(reader) as refused:
        assert refused.status == 429
        assert "notifications.too_many_streams" in await refused.block()
    async with open_page(people.resident()) as other:
        assert other.status == 200
    await pages[0].__aexit__()
    async with open_page(reader) as again:
        assert again.status == 200
    for page in pages[1:]:
        await page.__aexit__()
    assert hub._count == 0
    assert hub._open == {}
    assert hub._listener is None, "nobody listens, so nobody subscribes"


async def test_a_process_that_wants_to_stop_ends_its_streams(open_page, apps, signer, reader, settings):
    from services.notifications.main import create_app

    app = create_app(apps.runtime("notifications"))
    async with Page(app, signer.token(reader)) as page:
        await opened(page)
        app.state.end_streams()
        blocks = []
        while (block := await page.block()) is not None:
            blocks.append(block)
        assert blocks in ([], [": still here\n\n"])
    async with Page(app, signer.token(reader)) as late:
        assert late.status == 503


async def test_pages_survive_a_redis_that_drops_them(open_page, apps, reader, tell, settings):
    """The subscription is cut while something is told; once it is back, everybody looks."""
    redis = apps.runtime("notifications").redis
    async with open_page(reader) as page:
        await opened(page)
        while not (await redis.client_list(_type="pubsub")):  # noqa: ASYNC110 - the server makes it true.
            await asyncio.sleep(0.01)
        await redis.client_kill_filter(_type="pubsub", skipme=True)
        await tell(samples.posted(reader.household_id, points=3))
        assert (await page.event())[2]["title"] == "积分增加 3 分"
        await tell(samples.posted(reader.household_id, points=4))
        told = await page.event()
        while told[0] != "inbox_item":
            told = await page.event()
        assert told[2]["title"] == "积分增加 4 分"


async def test_a_full_process_says_so(open_page, apps, reader, monkeypatch):
    monkeypatch.setattr(apps.app("notifications").state.hub, "_in_all", 0)
    async with open_page(reader) as page:
        assert page.status == 503
        assert "notifications.streams_full" in await page.block()


async def test_visitors_are_sent_to_sign_in(open_page):
    async with open_page() as page:
        assert page.status == 401


async def test_through_stream_and_relay_to_the_page(open_page, apps, reader, people, settings):
    """The whole way: another service's stream entry, our consumer, the database, the knock, the page."""
    from shared.outbox import seal, stream_of

    runtime = apps.runtime("notifications")
    worker = create_worker(runtime)
    await worker.consumer.prepare()
    async with open_page(reader) as page:
        await opened(page)
        envelope = seal(
            samples.posted(reader.household_id, points=11),
            id=new_id(),
            community_id=people.community_id,
            key="claim",
            occurred_at=runtime.clock.now(),
            trace=None,
        )
        await runtime.redis.xadd(stream_of("points"), envelope.to_fields())
        assert await worker.consumer.read(block_ms=5000) >= 1
        assert (await page.event())[2]["title"] == "积分增加 11 分"
