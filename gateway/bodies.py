"""Counts the request body as it passes, and stops it at the limit."""

from gateway.asgi import Message, Receive


class MeteredBody:
    """A `receive` that counts.

    Beyond the limit it tells the service that the client has left, so the service stops without an answer of its own, and
    `is_too_large` tells the door to answer 413.
    """

    __slots__ = ("_limit", "_receive", "_seen", "is_client_gone", "is_complete", "is_too_large", "is_waiting")

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        self.is_complete = False
        self.is_too_large = False
        self.is_client_gone = False
        self.is_waiting = False

    async def __call__(self) -> Message:
        """Return the next piece of the body, or `http.disconnect`."""
        if self.is_too_large:
            return {"type": "http.disconnect"}
        self.is_waiting = not self.is_complete
        message = await self._receive()
        self.is_waiting = False
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)
            if self._seen > self._limit:
                self.is_too_large = True
                return {"type": "http.disconnect"}
        elif message["type"] == "http.disconnect":
            self.is_client_gone = True
        return message


async def drain(receive: Receive, *, at_most: int) -> None:
    """Read and drop what the client still sends, so that it can read the refusal before the connection closes.

    Units/shapes: `at_most` bytes; the caller bounds the time.
    """
    dropped = 0
    while dropped < at_most:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        dropped += len(message.get("body", b""))
