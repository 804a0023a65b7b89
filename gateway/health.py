"""Whether the door is alive, and whether what stands behind it is ready."""

import asyncio
from collections.abc import Sequence
from typing import Final

from gateway.errors import RefusalError
from gateway.fetch import fetch
from gateway.pages import Call
from gateway.proxy import Carrier

READY_WITHIN_SECONDS: Final = 3


class Health:
    """`/healthz` and `/readyz`."""

    def __init__(self, carrier: Carrier, services: Sequence[str]) -> None:
        self._carrier = carrier
        self._services = services

    async def alive(self, call: Call) -> None:
        """Say that this process answers."""
        await call.reply_json(200, {"status": "ok", "service": "gateway"})

    async def ready(self, call: Call) -> None:
        """Ask every service whether it is ready; 503 when one is not."""
        states = await asyncio.gather(*(self._state_of(service) for service in self._services))
        checks = dict(zip(self._services, states, strict=True))
        is_ready = all(state == "ok" for state in states)
        document = {"status": "ready" if is_ready else "not_ready", "service": "gateway", "checks": checks}
        await call.reply_json(200 if is_ready else 503, document, [(b"cache-control", b"no-store")])

    async def _state_of(self, service: str) -> str:
        try:
            answer = await fetch(self._carrier, service, "/readyz", within_seconds=READY_WITHIN_SECONDS)
        except RefusalError as refusal:
            return refusal.reason.code
        return "ok" if answer.is_ok else "not_ready"
