"""A POST sent twice happens once and is answered twice the same."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from shared.idempotency import KEEP, REPLAYED
from shared.ids import new_id
from shared.testing.clients import People
from tests.shared import trial
from tests.shared.conftest import NoteClient
from tests.shared.trial import Trial

NOTES = "/api/v1/trial/notes"


def key(name: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": name or new_id().hex}


async def counts(service: Trial, people: People) -> tuple[int, int]:
    """Return how many notes and how many facts the community has."""
    rows = await service.select(
        "SELECT (SELECT count(*) FROM trial.note WHERE community_id = :c),"
        " (SELECT count(*) FROM trial.outbox WHERE community_id = :c)",
        c=people.community_id,
    )
    return rows[0][0], rows[0][1]


def assert_replay(first: httpx2.Response, second: httpx2.Response) -> None:
    assert REPLAYED not in first.headers
    assert second.headers[REPLAYED] == "true"
    assert second.status_code == first.status_code
    assert second.content == first.content
    for name in ("content-type", "location", "etag"):
        assert second.headers.get(name) == first.headers.get(name)


async def test_success_is_replayed(notes_for: NoteClient, people: People, service: Trial) -> None:
    client = notes_for(people.staff())
    headers = key()

    first = await client.post(NOTES, json={"words": "一次", "slot": 1}, headers=headers)
    second = await client.post(NOTES, json={"words": "一次", "slot": 1}, headers=headers)

    assert first.status_code == 201
    assert first.headers["location"].endswith(first.json()["id"])
    assert_replay(first, second)
    assert await counts(service, people) == (1, 1)
    assert trial.hooks.calls == 1


async def test_without_a_key_it_happens_again(notes_for: NoteClient, people: People, service: Trial) -> None:
    client = notes_for(people.staff())
    for slot in (1, 2):
        assert (await client.post(NOTES, json={"words": "两次", "slot": slot})).status_code == 201
    assert await counts(service, people) == (2, 2)


@pytest.mark.parametrize("words", ["拒绝", "写完再拒绝", "不收", "函数拒绝"])
async def test_refusal_is_remembered_and_undoes_change_and_facts(
    notes_for: NoteClient, people: People, service: Trial, words: str
) -> None:
    """By the use case before and after a flush, by a constraint, and by a function of the database."""
    client = notes_for(people.staff())
    headers = key()

    first = await client.post(NOTES, json={"words": words, "slot": 1}, headers=headers)
    second = await client.post(NOTES, json={"words": words, "slot": 1}, headers=headers)

    assert (first.status_code, first.json()["code"]) == (409, "trial.refused")
    assert first.headers["content-type"] == "application/problem+json"
    assert_replay(first, second)
    assert await counts(service, people) == (0, 0)
    assert trial.hooks.calls == 1


async def test_refusal_at_commit_is_not_remembered_and_leaves_nothing(
    notes_for: NoteClient, people: People, service: Trial
) -> None:
    client = notes_for(people.staff())
    await client.post(NOTES, json={"words": "先到", "slot": 1})
    headers = key()

    first = await client.post(NOTES, json={"words": "后到", "slot": 1}, headers=headers)
    second = await client.post(NOTES, json={"words": "后到", "slot": 1}, headers=headers)

    assert [first.status_code, second.status_code] == [409, 409]
    assert first.json()["code"] == second.json()["code"] == "trial.slot_taken"
    assert await counts(service, people) == (1, 1)


async def test_same_key_with_another_body_is_refused(notes_for: NoteClient, people: People, service: Trial) -> None:
    client = notes_for(people.staff())
    headers = key()
    await client.post(NOTES, json={"words": "甲", "slot": 1}, headers=headers)

    other = await client.post(NOTES, json={"words": "乙", "slot": 2}, headers=headers)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await counts(service, people) == (1, 1)


async def test_keys_of_different_people_do_not_meet(
    notes_for: NoteClient, people: People, strangers: People, service: Trial
) -> None:
    headers = key("same")
    for slot, principal in enumerate([people.staff(), people.staff(), strangers.staff()]):
        response = await notes_for(principal).post(NOTES, json={"words": "各写各的", "slot": slot}, headers=headers)
        assert response.status_code == 201
        assert REPLAYED not in response.headers
    assert await counts(service, people) == (2, 2)


async def test_two_at_once_have_one_effect_and_equal_answers(
    notes_for: NoteClient, people: People, service: Trial
) -> None:
    principal = people.staff()
    headers = key()
    entered = asyncio.Event()

    async def hold_on() -> None:
        entered.set()
        await asyncio.sleep(0.3)

    trial.hooks.inside = hold_on

    async def send() -> httpx2.Response:
        return await notes_for(principal).post(NOTES, json={"words": "同时", "slot": 1}, headers=headers)

    first = asyncio.create_task(send())
    await entered.wait()
    answers = [await first, *(await asyncio.gather(*(send() for _ in range(3))))]

    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum(REPLAYED in a.headers for a in answers) == 3
    assert trial.hooks.calls == 1
    assert await counts(service, people) == (1, 1)


async def test_racing_twins_started_together_have_one_effect(
    notes_for: NoteClient, people: People, service: Trial
) -> None:
    client = notes_for(people.staff())
    headers = key()

    answers = await asyncio.gather(
        *(client.post(NOTES, json={"words": "拥挤", "slot": 1}, headers=headers) for _ in range(8))
    )

    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert await counts(service, people) == (1, 1)


async def test_refusal_that_a_retry_overcomes_is_not_remembered(
    notes_for: NoteClient, people: People, service: Trial
) -> None:
    client = notes_for(people.staff())
    headers = key()

    for _ in range(2):
        response = await client.post(NOTES, json={"words": "等一等", "slot": 1}, headers=headers)
        assert (response.status_code, response.json()["code"]) == (429, "trial.wait")
        assert response.headers["retry-after"] == "7"
        assert REPLAYED not in response.headers

    assert trial.hooks.calls == 2
    assert await counts(service, people) == (0, 0)


async def test_defect_is_not_remembered(notes_for: NoteClient, people: People, service: Trial) -> None:
    client = notes_for(people.staff())
    headers = key()
    for _ in range(2):
        response = await client.post(NOTES, json={"words": "出错", "slot": 1}, headers=headers)
        assert (response.status_code, response.json()["code"]) == (500, "unexpected")
    assert trial.hooks.calls == 2
    assert await counts(service, people) == (0, 0)


async def test_payload_that_does_not_fit_burns_no_key(notes_for: NoteClient, people: People) -> None:
    client = notes_for(people.staff())
    headers = key()
    assert (await client.post(NOTES, json={"words": "", "slot": 1}, headers=headers)).status_code == 422

    corrected = await client.post(NOTES, json={"words": "改好了", "slot": 1}, headers=headers)

    assert corrected.status_code == 201


@pytest.mark.parametrize("bad", ["", "a" * 201, "有中文".encode().decode("latin-1"), "with space", "tab\there"])
async def test_bad_key_is_refused(notes_for: NoteClient, people: People, service: Trial, bad: str) -> None:
    response = await notes_for(people.staff()).post(
        NOTES, json={"words": "一", "slot": 1}, headers={"Idempotency-Key": bad.encode("latin-1")}
    )
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_invalid")
    assert await counts(service, people) == (0, 0)


async def test_key_on_a_read_means_nothing(notes_for: NoteClient, people: People) -> None:
    response = await notes_for(people.staff()).get(NOTES, headers=key())
    assert response.status_code == 200


async def test_forgotten_after_its_time(notes_for: NoteClient, people: People, service: Trial, clock: Any) -> None:
    from shared.worker import Worker

    client = notes_for(people.staff())
    headers = key()
    await client.post(NOTES, json={"words": "旧事", "slot": 1}, headers=headers)
    worker = Worker(service.runtime)

    await worker._purge_idempotency(clock.now() + KEEP - timedelta(seconds=1))
    kept = await service.select("SELECT 1 FROM trial.idempotency WHERE community_id = :c", c=people.community_id)
    await worker._purge_idempotency(clock.now() + KEEP + timedelta(seconds=1))
    gone = await service.select("SELECT 1 FROM trial.idempotency WHERE community_id = :c", c=people.community_id)

    assert (len(kept), len(gone)) == (1, 0)
