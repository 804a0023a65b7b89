"""The private Valkey: on loopback with a password, an append-only file written to disk every second."""

import signal
import socket
from urllib.parse import quote

from launcher.embedded.binaries import valkey_server
from launcher.embedded.process import LOOPBACK, ServerProcess


class EmbeddedValkey(ServerProcess):
    """A Valkey server of our own; `EmbeddedValkey.temporary()` for tests."""

    label = "Valkey"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        """`redis://:…@127.0.0.1:port/0`."""
        return f"redis://:{quote(self.password, safe='')}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        """Make the directory of the append-only file."""
        self.own(self.files)

    def command(self) -> list[str]:
        """Return the server program; it reads its settings from standard input, so no password shows in the process list."""
        return [str(valkey_server(self._user)), "-"]

    def standard_input(self) -> bytes:
        """Return the settings. `dir .` is the directory the process stands in, reachable whatever lies above it."""
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password}",
            "protected-mode yes",
            "dir .",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "loglevel notice",
            "daemonize no",
        ]
        return "\n".join([*lines, ""]).encode()

    def answers(self) -> bool:
        """Sign in with the password and ask for a PONG; a server that is still loading its file does not answer yet."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(_call("AUTH", self.password) + _call("PING"))
                heard = b""
                while heard.count(b"\r\n") < 2:
                    part = connection.recv(4096)
                    if not part:
                        return False
                    heard += part
        except OSError:
            return False
        return heard == b"+OK\r\n+PONG\r\n"


def _call(*words: str) -> bytes:
    parts = [word.encode() for word in words]
    return b"".join([b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)])
