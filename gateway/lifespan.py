"""Starts and stops an ASGI application the way a server would, so that services mounted in this process need no server."""

import asyncio

from gateway.asgi import AsgiApp, Message


class StartupError(RuntimeError):
    """A mounted service did not start; the message names it."""


class Lifespan:
    """The lifespan protocol of one application, in a task of its own: its context is entered and left by the same task."""

    def __init__(self, name: str, app: AsgiApp) -> None:
        self.state: dict[str, object] = {}
        self._name = name
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._reply: asyncio.Queue[Message] = asyncio.Queue()
        self._was_asked = False
        self._was_announced = False

    async def start(self) -> None:
        """Wait until the application has started.

        Errors: StartupError. An application without a lifespan counts as started.
        """
        self._task = asyncio.create_task(self._run(), name=f"lifespan:{self._name}")
        message = await self._reply.get()
        if message["type"] == "lifespan.startup.failed":
            await self._task
            msg = f"{self._name}: {message.get('message', '')}"
            raise StartupError(msg)

    async def stop(self) -> None:
        """Let the application close what it opened, and wait for it."""
        if self._task is None:
            return
        self._stopping.set()
        await self._task
        self._task = None

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._receive, self._send)
        except Exception as error:
            if self._was_announced:
                # It started or said why not; Starlette raises again after `lifespan.startup.failed`.
                if self._stopping.is_set():
                    raise
            elif self._was_asked:
                self._announce({"type": "lifespan.startup.failed", "message": repr(error)})
            else:
                # It never asked what happens: an application that knows requests only.
                self._announce({"type": "lifespan.startup.complete"})
        else:
            self._announce({"type": "lifespan.startup.complete"})

    async def _receive(self) -> Message:
        if not self._was_asked:
            self._was_asked = True
            return {"type": "lifespan.startup"}
        await self._stopping.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        self._announce(message)

    def _announce(self, message: Message) -> None:
        if not self._was_announced:
            self._was_announced = True
            self._reply.put_nowait(message)
