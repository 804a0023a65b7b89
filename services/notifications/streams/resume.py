"""The wire form of a live stream and where it goes on after a break (HTML standard, server-sent events).

The id of an event is the sequence of the inbox item it tells. Sequences count per account and are given out under that account's row
lock, so an item with a smaller one can never become visible later: "after the last id" misses nothing.
"""

import json
from collections.abc import Mapping

MAX_SEQUENCE = 2**63 - 1
RETRY_MS = 3_000
KEEPALIVE = b": still here\n\n"
_Json = str | int | bool | None


def parse_last_event_id(header: str | None) -> int | None:
    """Return the sequence after which a reader wants to go on, or None when it comes for the first time.

    What is no sequence (another server's id, a forged one) counts as none: a stream is better begun anew than refused.
    """
    if header is None:
        return None
    text = header.strip()
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MAX_SEQUENCE)):
        return None
    return min(int(text), MAX_SEQUENCE)


def start_after(last_event_id: int | None, newest: int) -> int:
    """Return the sequence to begin behind: the reader's own, or the newest for one who has just loaded the list.

    An id from the future (a restored backup) starts at the newest instead of waiting for it for ever.
    """
    return newest if last_event_id is None else min(last_event_id, newest)


def encode_event(*, event: str, data: Mapping[str, _Json], event_id: int | None = None) -> bytes:
    """Write one event; without an id for what need not be repeated after a break.

    Errors: ValueError for a name with a line break, which would end the field.
    """
    if "\n" in event or "\r" in event:
        msg = f"an event name has one line, got {event!r}"
        raise ValueError(msg)
    lines = [] if event_id is None else [f"id: {event_id}"]
    # JSON escapes line breaks, so the data is always one line.
    lines += [f"event: {event}", f"data: {json.dumps(dict(data), ensure_ascii=False, separators=(',', ':'))}"]
    return ("\n".join(lines) + "\n\n").encode()


def encode_opening() -> bytes:
    """Write what a stream begins with: how long a browser waits before it comes back."""
    return f"retry: {RETRY_MS}\n\n".encode()
