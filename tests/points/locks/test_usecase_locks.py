"""Each lock a use case asks for is needed: where it is not asked for, the second of two who meet there is told what was true before."""

import pytest

from tests.points.locks.help_meetings import HELP
from tests.points.locks.meetings import Town, without
from tests.points.locks.shop_meetings import SHOPS

pytestmark = pytest.mark.breaks_books

MEETINGS = HELP | SHOPS


@pytest.mark.parametrize("name", MEETINGS)
async def test_with_the_lock(town: Town, name: str) -> None:
    assert (await MEETINGS[name].meet(town), await town.breaches()) == (MEETINGS[name].sound, set())


@pytest.mark.parametrize("name", MEETINGS)
async def test_without_the_lock(town: Town, name: str) -> None:
    meeting = MEETINGS[name]
    with without(meeting.lock):
        told = await meeting.meet(town)

    assert (told, meeting.breaks <= await town.breaches()) == (meeting.broken, True)
