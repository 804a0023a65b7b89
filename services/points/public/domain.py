"""What a visitor may read, and how an answer is told from the one before it."""

import hashlib


def masked(name: str) -> str:
    """Return a name with nothing but the surname left; what is masked already stays so."""
    return name if not name or "*" in name else name[:1] + "*" * max(1, len(name) - 1)


def etag_of(body: bytes) -> str:
    """Return the strong ETag of a body: it changes with every byte."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Tell whether a reader has this version; weak comparison, as RFC 9110 §13.1.2 asks for."""
    if if_none_match is None:
        return False
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return etag in given or given == ["*"]
