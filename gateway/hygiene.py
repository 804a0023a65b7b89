"""Refuses requests whose framing or path could mean different things to different readers."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from gateway.asgi import Scope
from gateway.errors import MALFORMED, RefusalError

LONGEST_PATH: Final = 4096
LONGEST_QUERY: Final = 8192
ONCE_ONLY: Final = (b"authorization", b"content-length", b"content-type", b"host", b"transfer-encoding")


def check_framing(scope: Scope, headers: Mapping[bytes, bytes]) -> int | None:
    """Return the announced length of the body, or None. `headers` are those of the scope, by name.

    Errors: RefusalError for two lengths, a length that is no number, or a length beside a transfer coding: the classic ways to
    hide a second request inside the first; and for two tokens or two hosts, of which one reader takes the first and another
    the last.
    """
    if len(headers) != len(scope["headers"]):
        times = Counter(name for name, _ in scope["headers"])
        for name in ONCE_ONLY:
            if times[name] > 1:
                raise RefusalError(MALFORMED, why=f"{name.decode()} 出现了不止一次")
    length = headers.get(b"content-length")
    coding = headers.get(b"transfer-encoding")
    if coding is not None:
        if coding.strip().lower() != b"chunked":
            raise RefusalError(MALFORMED, why="不支持这种 Transfer-Encoding")
        if length is not None:
            raise RefusalError(MALFORMED, why="不能同时有 Content-Length 和 Transfer-Encoding")
    if length is None:
        return None
    if not length.isdigit():
        raise RefusalError(MALFORMED, why="Content-Length 不是数字")
    return int(length)


def check_path(scope: Scope) -> str:
    """Return the decoded path.

    Errors: RefusalError for dot segments, backslashes, control characters, and anything too long: a service might resolve
    them differently from the route table.
    """
    path: str = scope["path"]
    if "/." in path and any(segment in {".", ".."} for segment in path.split("/")):
        raise RefusalError(MALFORMED, why="路径里不能有“.”或“..”")
    if "\\" in path or not path.isprintable():
        raise RefusalError(MALFORMED, why="路径里有不允许的字符")
    if len(path) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
        raise RefusalError(MALFORMED, why="网址太长")
    return path
