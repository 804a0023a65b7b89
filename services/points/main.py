"""The points service as an app of its own: `uvicorn services.points.main:build --factory`."""

from fastapi import FastAPI

from services.points.api import ROUTERS
from services.points.constraints import CONSTRAINTS
from services.points.settings import Settings
from shared.app import create_service_app
from shared.auth import JwksFetch
from shared.kernel.clock import Clock
from shared.runtime import Runtime

SERVICE = "points"


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
        title="缔园 · 积分",
        description="积分的申报、评议、公示、入账与兑换。Points: claimed, judged, published, posted and spent.",
    )


def build() -> FastAPI:
    """Build the app from the environment, for uvicorn."""
    return create_app(build_runtime())
