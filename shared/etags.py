"""Which version of a thing a caller has seen, so that nobody overwrites what he has not read."""

from typing import Annotated

from fastapi import Depends, Request, Response

from shared.kernel.errors import InvalidError, PreconditionError


class IfMatchMissingError(InvalidError):
    code = "if_match_missing"
    title = "缺少版本号"
    detail = "修改前请先读取最新内容，并在 If-Match 里带上读到的版本号（ETag）。"


IF_MATCH_ERRORS = (IfMatchMissingError, PreconditionError)


def etag_of(version: int) -> str:
    """Return the ETag of a row's version."""
    return f'"{version}"'


def set_etag(response: Response, version: int) -> None:
    """Tell the caller which version it got."""
    response.headers["ETag"] = etag_of(version)


async def read_if_match(request: Request) -> str:
    """Return the version the caller has seen.

    Errors: IfMatchMissingError.
    """
    value = request.headers.get("If-Match")
    if value is None:
        raise IfMatchMissingError
    return value


IfMatch = Annotated[str, Depends(read_if_match)]


def require_match(seen: str, version: int) -> None:
    """Pass when the caller has seen the present version.

    Errors: PreconditionError.
    """
    if seen.strip() != etag_of(version):
        raise PreconditionError(version=version)
