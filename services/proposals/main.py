"""The proposals service as an app of its own: `uvicorn services.proposals.main:build --factory`."""

from fastapi import FastAPI

from services.proposals.api import ROUTERS
from services.proposals.ballots.repository import BallotPapers
from services.proposals.ballots.sealing import SealingKeys
from services.proposals.constraints import CONSTRAINTS
from services.proposals.settings import Settings
from shared.app import create_service_app
from shared.auth import JwksFetch
from shared.kernel.clock import Clock
from shared.runtime import Runtime

SERVICE = "proposals"


def build_runtime(
    settings: Settings | None = None, *, clock: Clock | None = None, fetch_jwks: JwksFetch | None = None
) -> Runtime[Settings]:
    """Build what the service runs on; settings come from the environment unless given."""
    return Runtime.build(SERVICE, settings or Settings(), constraints=CONSTRAINTS, clock=clock, fetch_jwks=fetch_jwks)


def create_app(runtime: Runtime[Settings]) -> FastAPI:
    """Build the app on a runtime."""
    app = create_service_app(
        runtime,
        ROUTERS,
        title="缔园 · 议事",
        description="诉求、议题、四议两公开、表决与公示。Proposals: heard, deliberated, decided, published.",
    )
    app.state.ballot_papers = BallotPapers()
    app.state.sealing_keys = SealingKeys()
    return app


def build() -> FastAPI:
    """Build the app from the environment, for uvicorn."""
    return create_app(build_runtime())
