"""Whole days in China's time, a name and an origin for every kind of line, and who earned how much."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.points.histories.domain import (
    EVERYBODY,
    HOLD,
    KIND_NAMES,
    ORIGINS,
    Earner,
    Origin,
    Span,
    StatementRow,
    earners_of,
    span_of,
)
from services.points.histories.errors import DaysReversedError
from services.points.ledger.domain import TransferKind

MAY_1 = datetime(2026, 4, 30, 16, tzinfo=UTC)
MAY_2 = datetime(2026, 5, 1, 16, tzinfo=UTC)

MOTHER, FATHER = (UUID(int=2), "李**"), (UUID(int=1), "王**")
RECORD, UNDONE, BY = UUID(int=3), UUID(int=4), UUID(int=5)


@pytest.mark.parametrize(
    ("from_on", "to_on", "span"),
    [
        (None, None, Span(None, None)),
        (date(2026, 5, 1), date(2026, 5, 1), Span(MAY_1, MAY_2)),
        (date(2026, 5, 1), None, Span(MAY_1, None)),
        (None, date(2026, 5, 1), Span(None, MAY_2)),
        (None, date.max, Span(None, None)),
    ],
)
def test_days_are_whole(from_on: date | None, to_on: date | None, span: Span) -> None:
    assert span_of(from_on, to_on) == span


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(DaysReversedError):
        span_of(date(2026, 5, 2), date(2026, 5, 1))


def test_every_kind_has_a_name_and_an_origin() -> None:
    assert set(KIND_NAMES) == set(ORIGINS) == {*TransferKind, HOLD}


def line(
    amount: int, *doers: tuple[UUID, str], kind: str = TransferKind.CLAIM, doing_kind: str | None = None
) -> StatementRow:
    return StatementRow(
        id=UUID(int=6),
        created_at=MAY_1,
        event_at=MAY_1,
        kind=kind,
        summary="",
        amount=amount,
        available_after=0,
        held_after=0,
        version=1,
        acting_account_id=BY,
        source_id=RECORD,
        reverses_id=None,
        rule_version=None,
        doing_kind=doing_kind or kind,
        doing_source_id=RECORD,
        doing_account_id=BY,
        doers=doers,
    )


@pytest.mark.parametrize(
    ("kind", "doing_kind", "origin"),
    [
        (TransferKind.CLAIM, TransferKind.CLAIM, (Origin.CLAIM, RECORD)),
        (TransferKind.REVERSAL, TransferKind.CLAIM, (Origin.CLAIM, RECORD)),
        (TransferKind.GIG_PAY, TransferKind.GIG_PAY, (Origin.GIG_PLACE, RECORD)),
        (TransferKind.GIG_REFUND, TransferKind.GIG_ESCROW, (Origin.ACCOUNT, BY)),
        (TransferKind.MERGE, TransferKind.MERGE, (Origin.ACCOUNT, BY)),
    ],
)
def test_whose_doing_a_line_is_is_told_by_its_record_or_its_account(
    kind: str, doing_kind: str, origin: tuple[Origin, UUID]
) -> None:
    assert line(1, kind=kind, doing_kind=doing_kind).origin == origin


@pytest.mark.parametrize(
    ("lines", "earners"),
    [
        ([], []),
        ([line(0, MOTHER, kind=HOLD)], []),
        ([line(100)], [(None, EVERYBODY, 100, 0, 1)]),
        ([line(5, MOTHER, FATHER)], [(*MOTHER, 3, 0, 1), (*FATHER, 2, 0, 1)]),
        ([line(-5, FATHER, MOTHER)], [(*FATHER, 0, 3, 1), (*MOTHER, 0, 2, 1)]),
        ([line(1, MOTHER, FATHER)], [(*MOTHER, 1, 0, 1), (*FATHER, 0, 0, 1)]),
        (
            [line(7, MOTHER), line(7), line(9, FATHER), line(-2, FATHER), line(-7, MOTHER)],
            [(*FATHER, 9, 2, 2), (*MOTHER, 7, 7, 2), (None, EVERYBODY, 7, 0, 1)],
        ),
    ],
)
def test_what_several_did_counts_in_equal_parts(
    lines: list[StatementRow], earners: list[tuple[UUID | None, str, int, int, int]]
) -> None:
    assert earners_of(lines) == [Earner(*earner) for earner in earners]
