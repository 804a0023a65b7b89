"""The property service as an app of its own: `uvicorn services.property.main:build --factory`."""

from fastapi import FastAPI

from services.property.api import ROUTERS
from services.property.constraints import CONSTRAINTS
from services.property.settings import Settings
from shared.app import create_service_app
from shared.auth import JwksFetch
from shared.kernel.clock import Clock
from shared.runtime import Runtime

SERVICE = "property"


def build_runtime(
    settings: Settings | None = None, *, clock: Clock | None = None, fetch_jwks: JwksFetch | None = None
) -> Runtime[Settings]:
    """Build what the service runs on; settings come from the environment unless given."""
    return Runtime.build(SERVICE, settings or Settings(), constraints=CONSTRAINTS, clock=clock, fetch_jwks=fetch_jwks)


def create_app(runtime: Runtime[Settings]) -> FastAPI:
    """Build the app on a runtime."""
    return create_service_app(
        runtime,
        ROUTERS,
        title="缔园 · 物业",
        description="点单、派单、兑单、评单。Property tickets: ordered, dispatched, fulfilled and rated.",
    )


def build() -> FastAPI:
    """Build the app from the environment, for uvicorn."""
    return create_app(build_runtime())
