"""A round of assessment of the test's community."""

import pytest

from shared.kernel.clock import FixedClock
from shared.testing.clients import ClientFor, People
from shared.testing.factories import WorkIn
from tests.points.round_kit import RoundKit


@pytest.fixture
def kit(client_for: ClientFor, people: People, clock: FixedClock, work_in: WorkIn) -> RoundKit:
    """The officials who run the round."""
    return RoundKit(client_for, people, clock, work_in)
