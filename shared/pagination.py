"""Lists by keyset: a cursor says after which row to go on, so page 1,000 costs what page 1 costs and nothing is shown twice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Tuple, and_, literal, true, tuple_

from shared.kernel.errors import InvalidError
from shared.schemas import Day

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Mapped

T = TypeVar("T")
R = TypeVar("R")

DEFAULT_LIMIT: Final = 20
"""Twenty rows fit the mini-program's 256 KB of page data."""
MAX_LIMIT: Final = 200


class CursorInvalidError(InvalidError):
    code = "cursor_invalid"
    title = "翻页位置不对"
    detail = "翻页位置（cursor）无效，请从第一页重新开始。"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many rows after which key; `after` holds the key of the last row seen, as text."""

    limit: int = DEFAULT_LIMIT
    after: tuple[str, ...] | None = None

    def after_moment_and_id(self) -> tuple[datetime, UUID] | None:
        """Read the key of a list sorted by moment and id, or None on the first page.

        Errors: CursorInvalidError.
        """
        if self.after is None:
            return None
        try:
            moment, row_id = self.after
            read = datetime.fromisoformat(moment)
            # A moment without zone, or one that no longer exists in UTC, is nothing the database could compare.
            if read.tzinfo is None:
                raise CursorInvalidError
            return read.astimezone(UTC), UUID(row_id)
        except (ValueError, OverflowError):
            raise CursorInvalidError from None

    def after_id(self) -> UUID | None:
        """Read the key of a list sorted by id, or None on the first page.

        Errors: CursorInvalidError.
        """
        if self.after is None:
            return None
        try:
            (row_id,) = self.after
            return UUID(row_id)
        except ValueError:
            raise CursorInvalidError from None

    def after_number(self) -> int | None:
        """Read the key of a list sorted by a number, or None on the first page.

        Errors: CursorInvalidError.
        """
        if self.after is None:
            return None
        try:
            (text,) = self.after
            number = int(text)
        except ValueError:
            raise CursorInvalidError from None
        if not -(2**63) <= number < 2**63:
            raise CursorInvalidError
        return number

    def after_number_and_id(self) -> tuple[int, UUID] | None:
        """Read the key of a list sorted by a number and id, or None on the first page.

        Errors: CursorInvalidError.
        """
        if self.after is None:
            return None
        number = PageRequest(after=self.after[:1]).after_number()
        row_id = PageRequest(after=self.after[1:]).after_id()
        assert number is not None
        assert row_id is not None
        return number, row_id

    def after_text_and_id(self) -> tuple[str, UUID] | None:
        """Read the key of a list sorted by a text and id, or None on the first page.

        Errors: CursorInvalidError.
        """
        if self.after is None:
            return None
        row_id = PageRequest(after=self.after[1:]).after_id()
        assert row_id is not None
        return self.after[0] if self.after else "", row_id


WHOLE: Final = PageRequest(limit=1_000_000)
"""A page that holds a whole list, for the files officials download."""


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Rows of one page and the key after which the next begins (None: this was the last)."""

    rows: Sequence[T]
    next_after: tuple[str, ...] | None

    @classmethod
    def cut(cls, rows: Sequence[T], limit: int, key: Callable[[T], tuple[object, ...]]) -> Slice[T]:
        """Cut a page out of `limit + 1` rows fetched; the extra one only says that there is more."""
        page = rows[:limit]
        more = len(rows) > limit
        return cls(page, tuple(_text(part) for part in key(page[-1])) if more else None)

    def map(self, change: Callable[[T], R]) -> Slice[R]:
        """Return the same page of changed rows."""
        return Slice([change(row) for row in self.rows], self.next_after)


def _text(part: object) -> str:
    return part.isoformat() if isinstance(part, datetime) else str(part)


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T] = Field(description="Rows of this page, in the list's order.")
    next_cursor: str | None = Field(
        description="Pass as `cursor` for the next page; null on the last.", examples=[None]
    )


def encode_cursor(after: tuple[str, ...]) -> str:
    """Write a key as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(after, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[str, ...]:
    """Read a cursor.

    Errors: CursorInvalidError for anything encode_cursor did not write.
    """
    try:
        parts: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise CursorInvalidError from None
    if not isinstance(parts, list) or not all(_is_storable(part) for part in parts):
        raise CursorInvalidError
    return tuple(parts)


def _is_storable(part: object) -> bool:
    # PostgreSQL keeps neither NUL nor half a surrogate pair in text.
    return isinstance(part, str) and "\x00" not in part and not any("\ud800" <= c <= "\udfff" for c in part)


async def page_request(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows per page.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before.")] = None,
) -> PageRequest:
    """Read `limit` and `cursor` from the query."""
    return PageRequest(limit, None if cursor is None else decode_cursor(cursor))


Paging = Annotated[PageRequest, Depends(page_request)]
FromOn = Annotated[Day | None, Query(description="First day, in China's time.", examples=["2026-05-01"])]
ToOn = Annotated[Day | None, Query(description="Last day, in China's time.", examples=["2026-06-30"])]
"""The days a list is about, both included."""


def page_of(rows: Slice[T], request: Request, response: Response) -> Page[T]:
    """Return a page and set its `Link: <…>; rel="next"` header."""
    cursor = None if rows.next_after is None else encode_cursor(rows.next_after)
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return Page(items=list(rows.rows), next_cursor=cursor)


def before(columns: Sequence[ColumnElement[Any] | Mapped[Any]], values: Sequence[object]) -> ColumnElement[bool]:
    """Return the row-value comparison of a descending list: (a, b) < (x, y), which one index answers."""
    return tuple_(*columns) < _typed(columns, values)


def beyond(columns: Sequence[ColumnElement[Any] | Mapped[Any]], values: Sequence[object]) -> ColumnElement[bool]:
    """Return the row-value comparison of an ascending list: (a, b) > (x, y)."""
    return tuple_(*columns) > _typed(columns, values)


def within(
    column: ColumnElement[Any] | Mapped[Any], begins: datetime | None, ends: datetime | None
) -> ColumnElement[bool]:
    """Return that a moment lies between two, the first included, the second not; None is without end."""
    return and_(true(), *(column >= one for one in (begins,) if one), *(column < one for one in (ends,) if one))


def on_days(column: ColumnElement[Any] | Mapped[Any], first: date | None, last: date | None) -> ColumnElement[bool]:
    """Return that a day is one of those from the first to the last, both included; None is without end."""
    return and_(true(), *(column >= one for one in (first,) if one), *(column <= one for one in (last,) if one))


def _typed(columns: Sequence[Any], values: Sequence[object]) -> Tuple:
    return tuple_(*(literal(value, column.type) for value, column in zip(values, columns, strict=True)))
