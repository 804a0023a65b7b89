"""The books of the test's community."""

import pytest

from shared.testing.clients import People
from shared.testing.factories import WorkIn
from tests.points.ledger.books import Books


@pytest.fixture
def books(people: People, work_in: WorkIn) -> Books:
    """Return the books of the test's community."""
    return Books(work_in, people.community_id)
