"""Headers of a request, read where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope


def header_of(scope: Scope, name: bytes) -> str | None:
    """Return a request's first header of a name, which is given in lower case.

    `Request.headers` decodes and compares all of them anew for every name, which on a hot path costs more than what is read.
    """
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None
