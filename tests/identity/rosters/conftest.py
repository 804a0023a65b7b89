"""The desk at which rosters are brought in."""

from typing import Any

import pytest

from shared.kernel.principal import Role
from shared.testing.clients import ClientFor, People
from tests.identity.rosters.kit import Desk


@pytest.fixture
def desk(client_for: ClientFor, people: People, sweep: Any) -> Desk:
    return Desk(client_for("identity", people.staff(Role.COMMUNITY_ADMIN)), sweep)
