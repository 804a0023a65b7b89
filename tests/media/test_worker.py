"""What the worker erases, and what it leaves alone."""

import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.media.assets.domain import object_key, parse_object_key
from services.media.assets.signed_links import Rendition
from services.media.settings import Settings
from services.media.storage import FileStore
from services.media.worker import Eraser
from shared.ids import new_id
from tests.media.assets import samples

ASSETS = "/api/v1/media/assets"


@pytest.fixture
def eraser(apps):
    runtime = apps.runtime("media")
    return Eraser(runtime, FileStore(runtime.settings))


async def upload(client) -> UUID:
    response = await client.post(ASSETS, files={"file": ("p.jpg", samples.jpeg())})
    assert response.status_code == 201
    return UUID(response.json()["id"])


def copies(location: str, community_id: UUID, asset_id: UUID) -> list[Path]:
    return sorted((Path(location)).glob(f"*/{community_id}/{asset_id}/*"))


async def test_bytes_of_a_deleted_file_are_erased_after_a_week(client_for, people, clock, eraser, files_location):
    client = client_for("media", people.resident())
    kept, gone = await upload(client), await upload(client)
    await client.delete(f"{ASSETS}/{gone}")
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    await eraser.erase_deleted()
    assert len(copies(files_location, people.community_id, gone)) == 3
    clock.advance(timedelta(seconds=1))
    assert await eraser.erase_deleted() >= 1
    assert copies(files_location, people.community_id, gone) == []
    assert len(copies(files_location, people.community_id, kept)) == 3
    assert await eraser.erase_deleted() == 0


async def test_files_whose_upload_was_never_finished_are_erased_after_a_day(
    client_for, people, clock, eraser, files_location
):
    kept = await upload(client_for("media", people.resident()))
    orphan = new_id()
    store = FileStore(Settings.model_construct(media_dir=files_location))
    name = object_key(people.community_id, orphan, Rendition.PUBLIC)
    await store.put(name, b"left over")
    written = time.time() - timedelta(hours=23).total_seconds()
    real_now = clock.now().fromtimestamp(time.time(), clock.now().tzinfo)
    os.utime(Path(files_location) / name, (written, written))
    clock.set(real_now + timedelta(days=1, minutes=-1) - timedelta(hours=23, minutes=58))
    await eraser.erase_orphans()
    assert len(copies(files_location, people.community_id, orphan)) == 1
    clock.set(real_now + timedelta(days=1))
    assert await eraser.erase_orphans() >= 1
    assert copies(files_location, people.community_id, orphan) == []
    assert len(copies(files_location, people.community_id, kept)) == 3


def test_names_say_day_community_and_asset():
    asset_id = UUID("0197a3d2-8c00-7000-8000-000000000001")
    key = object_key(UUID(int=1), asset_id, Rendition.SMALL)
    assert key == f"2025-06-24/{UUID(int=1)}/{asset_id}/small"
    assert parse_object_key(key) == (UUID(int=1), asset_id)
    assert parse_object_key("2025-06-24/x/y/small") is None
    assert parse_object_key("README") is None
