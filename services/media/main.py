"""The media service as an app of its own: `uvicorn services.media.main:build --factory`."""

from fastapi import FastAPI

from services.media.api import ROUTERS
from services.media.constraints import CONSTRAINTS
from services.media.intake import IntakeDesk
from services.media.settings import Settings
from services.media.storage import FileStore
from shared.app import create_service_app
from shared.auth import JwksFetch
from shared.kernel.clock import Clock
from shared.runtime import Runtime

SERVICE = "media"


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
        title="缔园 · 照片与文件",
        description="照片、文件和视频的上传、检查与取用。Media: taken in, cleaned, checked and handed out by signed link.",
    )
    settings = runtime.settings
    app.state.intake = IntakeDesk(FileStore(settings), threads=settings.intake_threads, waiting=settings.intake_waiting)
    return app


def build() -> FastAPI:
    """Build the app from the environment, for uvicorn."""
    return create_app(build_runtime())
