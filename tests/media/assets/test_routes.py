"""Uploads and downloads as the mini-program makes them, on a real database and a real directory."""

import asyncio
import io
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text

from services.media.assets.sniffing import MAX_FILE_BYTES
from services.media.settings import CheckMode
from shared.contracts.events import AssetDeleted, AssetPassed, AssetRejected
from shared.ids import new_id
from shared.kernel.principal import Role
from tests.media.assets import samples

ASSETS = "/api/v1/media/assets"


def form(data: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg") -> dict:
    return {"files": {"file": (name, data, content_type)}}


@pytest.fixture
def manual(apps):
    """Leave every new file to the reviewers."""
    runtime = apps.runtime("media")
    before = runtime.settings.check_mode
    object.__setattr__(runtime.settings, "check_mode", CheckMode.PEOPLE)
    yield
    object.__setattr__(runtime.settings, "check_mode", before)


async def upload(client, data: bytes = b"", **headers: str) -> dict:
    response = await client.post(ASSETS, **form(data or samples.jpeg()), headers=headers)
    assert response.status_code == 201, response.text
    return response.json()


def link(asset: dict, rendition: str = "public") -> str:
    (url,) = [found["url"] for found in asset["links"] if found["rendition"] == rendition]
    return url


async def test_a_photo_is_uploaded_cleaned_and_handed_out_by_link(client_for, people, facts_of):
    owner = people.resident()
    asset = await upload(client_for("media", owner), samples.jpeg(1200, 900, orientation=6, gps=True))
    assert asset["state"] == "pass"
    assert asset["owner_account_id"] == str(owner.account_id)
    assert (asset["width_px"], asset["height_px"]) == (900, 1200)
    assert re.fullmatch("[0-9a-f]{16}", asset["perceptual_hash"])
    visitor = client_for("media")
    for rendition, size in {"public": (900, 1200), "medium": (720, 960), "small": (180, 240)}.items():
        response = await visitor.get(link(asset, rendition))
        assert response.status_code == 200
        assert response.headers["content-type"] == "image/jpeg"
        assert int(response.headers["content-length"]) == len(response.content)
        image = Image.open(io.BytesIO(response.content))
        assert image.size == size
        assert not image.getexif()
    assert await facts_of("media", people.community_id) == [
        AssetPassed(
            asset_id=UUID(asset["id"]),
            owner_account_id=owner.account_id,
            media_type="image/jpeg",
            dhash=asset["perceptual_hash"],
        )
    ]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        pytest.param(b"MZ" + bytes(500), "photo.jpg", "media.unsupported_type", id="program named photo"),
        pytest.param(b"<svg onload=alert(1)>", "photo.png", "media.unsupported_type", id="script named photo"),
        pytest.param(samples.jpeg(400, 300)[:-500], "photo.jpg", "media.unreadable_file", id="truncated"),
        pytest.param(bytes(MAX_FILE_BYTES + 1), "photo.jpg", "media.file_too_large", id="10 MB + 1 byte"),
        pytest.param(bytes(MAX_FILE_BYTES * 2), "photo.jpg", "media.file_too_large", id="20 MB"),
        pytest.param(samples.bomb_png(20_000), "photo.png", "media.picture_too_large", id="decompression bomb"),
        pytest.param(samples.hollow_png(60_000, 60_000), "photo.png", "media.picture_too_large", id="60,000 squared"),
        pytest.param(samples.text_bomb_png(), "photo.png", "media.unreadable_file", id="comment bomb"),
        pytest.param(samples.endless_mp4(5_000), "film.mp4", "media.unreadable_file", id="boxes in boxes"),
        pytest.param(b"", "photo.jpg", "media.empty_file", id="empty"),
    ],
)
async def test_bad_files_are_refused_in_one_clear_sentence_and_leave_nothing(
    client_for, people, data, name, code, files_location
):
    before = stored(files_location)
    client = client_for("media", people.resident())
    response = await client.post(ASSETS, **form(data, name))
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert (await client.get(ASSETS)).json()["items"] == []
    assert stored(files_location) == before


def stored(location: str) -> list[str]:
    return sorted(str(path) for path in Path(location).rglob("*") if path.is_file())


async def test_exactly_ten_megabytes_are_taken(client_for, people):
    film = samples.mp4()
    film += samples.box(b"free", bytes(MAX_FILE_BYTES - len(film) - 8))
    assert len(film) == MAX_FILE_BYTES
    asset = await upload(client_for("media", people.resident()), film)
    assert (asset["media_type"], asset["public_bytes"]) == ("video/mp4", MAX_FILE_BYTES)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"json": {"file": "x"}}, id="json"),
        pytest.param({"content": b"", "headers": {"content-type": "multipart/form-data"}}, id="no boundary"),
        pytest.param({"content": b"", "headers": {"content-type": "multipart/form-data; boundary=x"}}, id="no part"),
        pytest.param(
            {
                "content": b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf a',
                "headers": {"content-type": "multipart/form-data; boundary=x"},
            },
            id="broken off",
        ),
        pytest.param({"files": [("file", ("a", b"1")), ("file", ("b", b"2"))]}, id="two files"),
        pytest.param({"data": {"file": "text"}, "files": []}, id="no file"),
    ],
)
async def test_bodies_that_are_no_upload(client_for, people, request_):
    response = await client_for("media", people.resident()).post(ASSETS, **request_)
    assert (response.status_code, response.json()["code"]) == (422, "media.upload_malformed")


async def test_an_upload_repeated_under_its_key_is_one_file(client_for, people, files_location):
    client = client_for("media", people.resident())
    before = stored(files_location)
    first = await client.post(ASSETS, **form(samples.jpeg()), headers={"Idempotency-Key": "upload-00000001"})
    again = await client.post(ASSETS, **form(samples.jpeg()), headers={"Idempotency-Key": "upload-00000001"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert len((await client.get(ASSETS)).json()["items"]) == 1
    assert len(stored(files_location)) == len(before) + 3


async def test_what_waits_for_a_reviewer_is_hidden_from_neighbours(client_for, people, strangers, manual, facts_of):
    owner, neighbour = people.resident(), people.resident()
    reviewer = people.staff(Role.COMMUNITY_ADMIN)
    asset = await upload(client_for("media", owner))
    assert (asset["state"], asset["decided_at"]) == ("pending", None)
    path = f"{ASSETS}/{asset['id']}"
    for who, status in [(owner, 200), (reviewer, 200), (neighbour, 404), (strangers.staff(Role.COMMUNITY_ADMIN), 404)]:
        client = client_for("media", who)
        assert (await client.get(path)).status_code == status
        listed = [item["id"] for item in (await client.get(ASSETS)).json()["items"]]
        assert listed == ([asset["id"]] if status == 200 else [])
    review = {"judgement": "approve", "reason": "没有问题"}
    assert (await client_for("media", neighbour).post(f"{path}/reviews", json=review)).status_code == 404
    response = await client_for("media", owner).post(f"{path}/reviews", json=review)
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    approved = await client_for("media", reviewer).post(f"{path}/reviews", json=review)
    assert (approved.status_code, approved.json()["state"]) == (200, "pass")
    again = await client_for("media", reviewer).post(f"{path}/reviews", json=review)
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert (await client_for("media", neighbour).get(path)).status_code == 200
    rejected = await client_for("media", reviewer).post(
        f"{path}/reviews", json={"judgement": "reject", "reason": "画面里有身份证"}
    )
    assert rejected.json()["state"] == "risky"
    assert (await client_for("media", neighbour).get(path)).status_code == 404
    told = await facts_of("media", people.community_id)
    assert [type(fact) for fact in told] == [AssetPassed, AssetRejected]
    assert told[1].reason == "画面里有身份证"


async def test_a_neighbours_link_ends_when_the_file_is_rejected(client_for, people):
    owner, neighbour = client_for("media", people.resident()), client_for("media", people.resident())
    reviewer, visitor = client_for("media", people.staff(Role.COMMUNITY_ADMIN)), client_for("media")
    path = f"{ASSETS}/{(await upload(owner))['id']}"
    before = link((await neighbour.get(path)).json())
    assert (await visitor.get(before)).status_code == 200
    rejected = await reviewer.post(f"{path}/reviews", json={"judgement": "reject", "reason": "画面里有身份证"})
    gone = await visitor.get(before)
    assert (gone.status_code, gone.json()["code"]) == (404, "media.asset_not_found")
    assert (await visitor.get(before + "&held=true")).json()["code"] == "media.link_invalid"
    for who in (rejected.json(), (await owner.get(path)).json()):
        assert (await visitor.get(link(who))).status_code == 200, "owner and reviewer still see what it is about"
    await reviewer.post(f"{path}/reviews", json={"judgement": "approve", "reason": "已经遮住"})
    assert (await visitor.get(before)).status_code == 200


async def test_of_many_decisions_at_once_one_counts(client_for, people, manual, apps):
    asset = await upload(client_for("media", people.resident()))
    reviewers = [client_for("media", people.staff(Role.COMMUNITY_ADMIN)) for _ in range(6)]
    review = {"judgement": "approve", "reason": "没有问题"}
    answers = await asyncio.gather(*(who.post(f"{ASSETS}/{asset['id']}/reviews", json=review) for who in reviewers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    async with apps.runtime("media").database.worker.connect() as connection:
        verdicts = await connection.execute(
            text("SELECT count(*) FROM media.verdict WHERE asset_id = :asset_id"), {"asset_id": asset["id"]}
        )
        assert verdicts.scalar_one() == 1


async def test_a_check_without_answer_goes_to_the_reviewers(client_for, people, manual, clock, sweep):
    owner = people.resident()
    asset = await upload(client_for("media", owner))
    clock.advance(timedelta(minutes=34))
    await sweep("media", "time_out_checks")
    client = client_for("media", owner)
    assert (await client.get(f"{ASSETS}/{asset['id']}")).json()["state"] == "pending"
    clock.advance(timedelta(minutes=1))
    await sweep("media", "time_out_checks")
    reviewer = client_for("media", people.staff(Role.GRID_WORKER))
    (waiting,) = (await reviewer.get(ASSETS, params={"state": "review"})).json()["items"]
    assert waiting["id"] == asset["id"]


async def test_the_owner_deletes_and_links_stop_at_once(client_for, people, facts_of):
    owner = people.resident()
    client = client_for("media", owner)
    asset = await upload(client)
    path = f"{ASSETS}/{asset['id']}"
    refused = await client_for("media", people.staff(Role.COMMUNITY_ADMIN)).delete(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "media.not_owner")
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(path)).status_code == 404
    gone = await client_for("media").get(link(asset))
    assert (gone.status_code, gone.json()["code"]) == (410, "media.asset_deleted")
    assert isinstance((await facts_of("media", people.community_id))[-1], AssetDeleted)


async def test_nobody_of_another_community_sees_changes_or_deletes(client_for, people, strangers):
    asset = await upload(client_for("media", people.resident()))
    path = f"{ASSETS}/{asset['id']}"
    for stranger in (strangers.resident(), strangers.staff(Role.COMMUNITY_ADMIN)):
        client = client_for("media", stranger)
        assert (await client.get(path)).status_code == 404
        assert (await client.delete(path)).status_code == 404
        review = {"judgement": "reject", "reason": "不行"}
        assert (await client.post(f"{path}/reviews", json=review)).status_code == 404
        assert (await client.get(ASSETS)).json()["items"] == []
    foreign = link(asset).replace(str(people.community_id), str(strangers.community_id))
    assert (await client_for("media").get(foreign)).json()["code"] == "media.link_invalid"


@pytest.mark.parametrize("method", ["get", "post", "delete"])
async def test_visitors_get_nothing_but_signed_files(client_for, method):
    client = client_for("media")
    path = ASSETS if method == "post" else f"{ASSETS}/{new_id()}"
    response = await getattr(client, method)(path)
    assert response.status_code == 401


async def test_links_run_out_and_cannot_be_changed(client_for, people, clock):
    asset = await upload(client_for("media", people.resident()))
    visitor = client_for("media")
    url = link(asset)
    assert (await visitor.get(url.replace("/public?", "/small?"))).json()["code"] == "media.link_invalid"
    assert (await visitor.get(url[:-1] + ("0" if url[-1] != "0" else "1"))).status_code == 404
    assert (await visitor.get(url.split("?")[0])).status_code == 422
    clock.advance(timedelta(hours=1, minutes=15))
    late = await visitor.get(url)
    assert (late.status_code, late.json()["code"]) == (410, "media.link_expired")


async def test_parts_of_a_film_can_be_sought(client_for, people):
    film = samples.mp4() + samples.box(b"free", bytes(range(256)) * 2000)
    asset = await upload(client_for("media", people.resident()), film)
    visitor = client_for("media")
    whole = await visitor.get(link(asset))
    assert (whole.headers["accept-ranges"], len(whole.content)) == ("bytes", len(film))
    part = await visitor.get(link(asset), headers={"Range": "bytes=1000-300999"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 1000-300999/{len(film)}"
    assert part.headers["content-length"] == "300000"
    assert part.content == whole.content[1000:301_000]
    tail = await visitor.get(link(asset), headers={"Range": "bytes=-5"})
    assert tail.content == whole.content[-5:]
    beyond = await visitor.get(link(asset), headers={"Range": f"bytes={len(film)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(film)}")
    assert (beyond.json()["code"], beyond.json()["status"]) == ("range_unsatisfiable", 416)
    odd = await visitor.get(link(asset), headers={"Range": "bytes=9-1"})
    assert (odd.status_code, len(odd.content)) == (200, len(film))


async def test_a_browser_keeps_its_copy_and_runs_nothing(client_for, people):
    asset = await upload(client_for("media", people.resident()), samples.pdf())
    visitor = client_for("media")
    first = await visitor.get(link(asset))
    assert first.headers["content-disposition"].startswith("attachment")
    assert first.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in first.headers["content-security-policy"]
    assert first.headers["cache-control"].startswith("private, max-age=")
    again = await visitor.get(link(asset), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_document_has_one_copy(client_for, people):
    asset = await upload(client_for("media", people.resident()), samples.pdf())
    assert [found["rendition"] for found in asset["links"]] == ["public"]
    assert asset["perceptual_hash"] is None


async def test_lists_go_page_by_page_without_gap_or_repeat(client_for, people):
    client = client_for("media", people.resident())
    ids = [(await upload(client))["id"] for _ in range(5)]
    await upload(client_for("media", people.resident()))
    seen, params = [], {"limit": 2, "mine": True}
    while True:
        page = await client.get(ASSETS, params=params)
        seen += [item["id"] for item in page.json()["items"]]
        if page.json()["next_cursor"] is None:
            break
        assert 'rel="next"' in page.headers["link"]
        params = {"limit": 2, "mine": True, "cursor": page.json()["next_cursor"]}
    assert seen == ids[::-1]
    assert (await client.get(ASSETS, params={"cursor": "!!"})).json()["code"] == "cursor_invalid"
