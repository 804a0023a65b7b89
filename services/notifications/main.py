"""The notifications service as an app of its own: `uvicorn services.notifications.main:build --factory`."""

from fastapi import FastAPI

from services.notifications.api import ROUTERS
from services.notifications.constraints import CONSTRAINTS
from services.notifications.settings import Settings
from services.notifications.wakeups import Hub, Wakeups
from shared.app import create_service_app
from shared.auth import JwksFetch
from shared.kernel.clock import Clock
from shared.runtime import Runtime

SERVICE = "notifications"


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
        title="缔园 · 消息",
        description="站内消息、微信订阅消息和实时推送。Notifications: an inbox, WeChat messages and a live stream.",
    )
    settings = runtime.settings
    app.state.wakeups = Wakeups(runtime.redis)
    app.state.hub = Hub(runtime.redis, in_all=settings.streams_in_all, per_account=settings.streams_per_account)
    # Whoever stops the server calls this first: it would otherwise wait for pages that never end by themselves.
    app.state.end_streams = app.state.hub.close
    return app


def build() -> FastAPI:
    """Build the app from the environment, for uvicorn."""
    return create_app(build_runtime())
