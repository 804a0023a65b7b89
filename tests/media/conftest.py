"""Files of these tests lie in a directory of their own; every upload goes through the real store."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def files_location(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    location = str(tmp_path_factory.mktemp("文件 files"))
    before = os.environ.get("MEDIA_DIR")
    os.environ["MEDIA_DIR"] = location
    yield location
    if before is None:
        del os.environ["MEDIA_DIR"]
    else:
        os.environ["MEDIA_DIR"] = before
