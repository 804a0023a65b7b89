"""A service's OpenAPI document is made once, beside the requests of others."""

import asyncio
from threading import Event
from typing import Any

import httpx2
import pytest

from shared.app import create_service_app
from tests.shared.trial import Trial


async def test_nobody_waits_while_it_is_made(service: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_service_app(service.runtime, [], title="试验", description="")
    begun, others_were_answered, times = Event(), Event(), []

    def make() -> dict[str, Any]:
        times.append(1)
        begun.set()
        return {"others_were_answered": others_were_answered.wait(timeout=30)}

    monkeypatch.setattr(app, "openapi", make)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        asked = asyncio.create_task(client.get("/openapi.json"))
        assert await asyncio.to_thread(begun.wait, 30)
        assert (await client.get("/healthz")).status_code == 200
        others_were_answered.set()

        assert (await asked).json() == {"others_were_answered": True}
        assert (await client.get("/openapi.json")).json() == {"others_were_answered": True}

    assert len(times) == 1
