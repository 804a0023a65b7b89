"""Every upload goes through the real store, in the directory of this run."""

import pytest

from shared.testing.clients import Apps


@pytest.fixture
def files_location(apps: Apps) -> str:
    """Where the files of the app lie."""
    return apps.files_dir
