"""The audit chain: whatever is changed, dropped, swapped or slipped in is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.identity.audits.domain import FIRST_HASH, AuditLine, ChainCheck, SealedLine, canonical, check_chain, seal

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
START = ChainCheck(0, FIRST_HASH)


def line(number: int, **changes: object) -> AuditLine:
    first = AuditLine(
        UUID(int=1), number, NOW, UUID(int=2), "王丽", "unmask_phone", "resident", "42", "电话回访", {"field": "phone"}
    )
    return replace(first, **changes)


def chain(length: int) -> list[SealedLine]:
    lines, last = [], FIRST_HASH
    for number in range(1, length + 1):
        lines.append(seal(line(number), last))
        last = lines[-1].hash
    return lines


def test_a_whole_chain_holds() -> None:
    lines = chain(5)
    assert check_chain(lines, START) == ChainCheck(5, lines[-1].hash)


def test_a_chain_is_checked_in_pieces() -> None:
    lines = chain(5)
    half = check_chain(lines[:2], START)
    assert check_chain(lines[2:], half) == check_chain(lines, START)


Tamper = Callable[[list[SealedLine]], list[SealedLine]]


@pytest.mark.parametrize(
    ("tamper", "broken_at"),
    [
        (lambda c: [*c[:1], SealedLine(replace(c[1].line, reason="好奇"), c[1].hash), *c[2:]], 2),
        (lambda c: [*c[:1], SealedLine(replace(c[1].line, facts={}), c[1].hash), *c[2:]], 2),
        (lambda c: [*c[:1], SealedLine(replace(c[1].line, at=NOW + timedelta(microseconds=1)), c[1].hash), *c[2:]], 2),
        (lambda c: [c[0], *c[2:]], 2),
        (lambda c: [c[1], c[0], *c[2:]], 1),
        (lambda c: [*c[:2], seal(line(3, act="nothing"), c[1].hash), *c[3:]], 4),
        (lambda c: c[1:], 1),
    ],
)
def test_every_way_of_tampering_is_found(tamper: Tamper, broken_at: int) -> None:
    check = check_chain(tamper(chain(5)), START)
    assert check.broken_at == broken_at
    assert check_chain([], check) == check


def test_a_line_has_one_spelling() -> None:
    one, other = line(1, facts={"a": "1", "b": "2"}), line(1, facts={"b": "2", "a": "1"})
    assert canonical(one) == canonical(other)
    assert canonical(line(1, actor_name='a","b')) != canonical(line(1, actor_name="a", act='b","unmask_phone'))
