"""What the steps make of rows that were there before."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from tests.shared.steps import database, insert, migrate_to, rows

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
PROCESS, ANOTHER_PROCESS = UUID(int=11), UUID(int=12)
STEP = ("community_id", "process_id", "position", "attempt", "code", "title", "state", "summary", "reason", "opened_at")
MEETING = (
    *("community_id", "id", "process_id", "step_code", "title", "place", "rule", "state", "held_at"),
    *("yes", "no", "abstain", "minutes", "is_held", "derivation", "derivation_text", "called_by", "closed_at"),
)


def day(number: int) -> datetime:
    return datetime(2026, 5, 1, 9, tzinfo=UTC) + timedelta(days=number)


def step(code: str, attempt: int, opened: int, *, process: UUID = PROCESS, community: UUID = HERE) -> Sequence[object]:
    position = {"discuss": 0, "decide": 1}[code]
    return community, process, position, attempt, code, "会议", "returned", "", "重来", day(opened)


def meeting(
    number: int,
    held: int,
    closed: int | None,
    *,
    is_held: bool | None = True,
    code: str = "decide",
    process: UUID = PROCESS,
    community: UUID = HERE,
    more: Sequence[object] = (),
) -> Sequence[object]:
    return (
        *(community, UUID(int=number), process, code, "会议", "院里", "party_members"),
        *("called" if closed is None else "closed", day(held), 3, 1, 0, ""),
        *(is_held, "{}", "", UUID(int=9), None if closed is None else day(closed), *more),
    )


async def test_of_the_meetings_held_for_one_attempt_the_first_keeps_it(postgres_url: str) -> None:
    attempts = {
        101: (meeting(101, 2, 2, is_held=False), 1),  # Too few came: it decided nothing and takes nobody's place.
        102: (meeting(102, 3, 3, is_held=False), 1),
        103: (meeting(103, 5, 5), 1),
        104: (meeting(104, 4, 6), None),  # Held again: what was closed first stands, whenever it was called for.
        105: (meeting(105, 7, 7), None),
        106: (meeting(106, 10, 10), 2),  # The step was returned and opened anew at this very moment.
        107: (meeting(107, 11, 10), None),  # Closed at the same moment as the one before.
        108: (meeting(108, 12, None, is_held=None), 2),
        109: (meeting(109, 13, None, is_held=None), 2),
        110: (meeting(110, 3, 3, code="discuss"), 1),
        111: (meeting(111, 3, 3, process=ANOTHER_PROCESS), 1),
        112: (meeting(112, 3, 3, community=ELSEWHERE), 4),
        113: (meeting(113, 0, 0), None),  # Nothing was open then.
    }
    async with database(postgres_url) as url:
        await migrate_to(url, "proposals", "0003")
        await insert(
            url,
            "proposals.process_step",
            STEP,
            step("discuss", 1, 1),
            step("decide", 1, 2),
            step("discuss", 2, 9),
            step("decide", 2, 10),
            step("decide", 1, 2, process=ANOTHER_PROCESS),
            step("decide", 4, 2, community=ELSEWHERE),
        )
        await insert(url, "proposals.meeting", MEETING, *(row for row, _ in attempts.values()))

        await migrate_to(url, "proposals", "0004")

        found = await rows(url, "SELECT id, attempt FROM proposals.meeting ORDER BY id")
        assert {id_.int: attempt for id_, attempt in found} == {id_: attempt for id_, (_, attempt) in attempts.items()}
        with_attempt = (*MEETING, "attempt")
        with pytest.raises(asyncpg.UniqueViolationError, match="uq_meeting_held_of_step"):
            await insert(url, "proposals.meeting", with_attempt, meeting(120, 14, 14, more=[2]))
        too_few_came, next_attempt = meeting(121, 14, 14, is_held=False, more=[2]), meeting(122, 20, 20, more=[3])
        await insert(url, "proposals.meeting", with_attempt, too_few_came, next_attempt)
