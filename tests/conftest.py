"""The servers every test runs against: real ones, private to the run unless the environment names others."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from launcher.embedded import EmbeddedPostgres, EmbeddedValkey

pytest_plugins = [
    "shared.testing.clients",
    "shared.testing.clock",
    "shared.testing.factories",
    "shared.testing.postgres",
]

# The same examples every time, and no clock: a busy machine must not turn a true property false.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


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


@pytest.fixture(autouse=True)
def _sweeps_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let a test that breaks things own what it leaves behind, instead of whichever test the collector happens to run in."""
    yield
    if request.node.get_closest_marker("faults"):
        gc.collect()


TOGETHER = ("tests/e2e/test_story.py", "tests/launcher/test_up.py::TestRunning")
"""Tests that share a running system: a second worker would have to bring up another one."""


class Scheduling(LoadScopeScheduling):
    """Gives each worker one test at a time, and those of `TOGETHER` to one worker, first."""

    def _split_scope(self, nodeid: str) -> str:
        return next((scope for scope in TOGETHER if str(nodeid).startswith(scope)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Replace the schedulers of pytest-xdist, whose groups pytest 9 no longer shows them."""
    return Scheduling(config, log)
