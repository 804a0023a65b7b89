"""The document of the whole API, built once for everybody who reads it."""

from typing import Any

import pytest
from fastapi import FastAPI

from gateway.openapi import merge
from gateway.own_api import OWN_API
from gateway.refusals import declare_refusals
from tests.architecture.test_api import SERVICES, build


@pytest.fixture(scope="session")
def built() -> dict[str, FastAPI]:
    return {service: build(service) for service in SERVICES}


@pytest.fixture(scope="session")
def document(built: dict[str, FastAPI]) -> dict[str, Any]:
    documents = {service: app.openapi() for service, app in built.items()}
    return declare_refusals(merge(documents | {"gateway": OWN_API}))
