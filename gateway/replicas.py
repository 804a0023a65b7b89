"""Which replica of a service gets the next request."""

from collections.abc import Sequence
from itertools import count

import aiohttp
import structlog

log = structlog.get_logger(__name__)

NO_CONNECTION = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class BrokenConnectionError(aiohttp.ClientConnectionError):
    """There was a connection, and it ended before the answer began."""


class Replica:
    """One process of a service."""

    __slots__ = ("in_flight", "is_up", "last_picked", "url")

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.in_flight = 0
        self.is_up = True
        self.last_picked = 0


class ReplicaPool:
    """The replicas of one service.

    A replica that cannot be connected to, or says it is not ready, gets no more requests until a probe finds it well; no
    person's request is spent on finding out. When none is well, they are tried all the same: a guess is better than nothing.
    """

    def __init__(self, service: str, urls: Sequence[str]) -> None:
        self.service = service
        self.replicas = [Replica(url) for url in urls]
        self._turn = count(1)

    def pick(self) -> Replica | None:
        """Return the well replica with the fewest requests in flight, the longest unused first; None without replicas."""
        return self._best(self.replicas)

    def pick_instead(self, failed: Replica, error: Exception) -> Replica | None:
        """Return the replica for a second attempt, or None when there is no point in one.

        A lone replica deserves a second attempt when a connection broke: it may have been a kept one that was just closing.
        """
        others = [replica for replica in self.replicas if replica is not failed]
        if others:
            return self._best(others)
        return failed if isinstance(error, BrokenConnectionError) else None

    def failed(self, replica: Replica, error: Exception) -> None:
        """Take note that a request could not be sent."""
        if isinstance(error, NO_CONNECTION):
            self.mark(replica, is_up=False)

    def mark(self, replica: Replica, *, is_up: bool) -> None:
        """Set what is known of a replica's health."""
        if replica.is_up is not is_up:
            log.warning("replica_health_changed", service=self.service, replica=replica.url, is_up=is_up)
            replica.is_up = is_up

    def _best(self, replicas: Sequence[Replica]) -> Replica | None:
        if not replicas:
            return None
        best = min(replicas, key=lambda replica: (not replica.is_up, replica.in_flight, replica.last_picked))
        best.last_picked = next(self._turn)
        return best
