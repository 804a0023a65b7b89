"""The servers every test runs against: real ones, private to the run unless the environment names others."""

import os
from collections.abc import Iterator

import pytest

from launcher.embedded import EmbeddedPostgres, EmbeddedValkey

pytest_plugins = [
    "shared.testing.clients",
    "shared.testing.clock",
    "shared.testing.factories",
    "shared.testing.postgres",
]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL with the right to make databases and roles."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with EmbeddedPostgres.temporary() as server:
        yield server.url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Valkey or Redis whose data may be thrown away."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    with EmbeddedValkey.temporary() as server:
        yield server.url
