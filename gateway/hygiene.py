"""Refuses requests whose framing or path could mean different things to different readers."""

from typing import Final

from gateway.asgi import Scope
from gateway.errors import MALFORMED, RefusalError

LONGEST_PATH: Final = 4096
LONGEST_QUERY: Final = 8192


def check_framing(scope: Scope) -> int | None:
    """Return the announced length of the body, or None.

    Errors: RefusalError for two lengths, a length that is no number, or a length beside a transfer coding: the classic ways to
    hide a second request inside the first.
    """
    length: bytes | None = None
    coding: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"content-length":
            if (length is not None and length != value) or not value.isdigit():
                raise RefusalError(MALFORMED, why="Content-Length 重复或不是数字")
            length = value
        elif name == b"transfer-encoding":
            if coding is not None or value.strip().lower() != b"chunked":
                raise RefusalError(MALFORMED, why="不支持这种 Transfer-Encoding")
            coding = value
    if length is not None and coding is not None:
        raise RefusalError(MALFORMED, why="不能同时有 Content-Length 和 Transfer-Encoding")
    return None if length is None else int(length)


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
