"""The identity service as an app of its own: `uvicorn services.identity.main:build --factory`."""

from fastapi import FastAPI

from services.identity.api import ROUTERS
from services.identity.constraints import CONSTRAINTS
from services.identity.settings import Settings
from services.identity.signing import TokenSigner
from shared.app import create_service_app
from shared.auth import JwksFetch
from shared.kernel.clock import Clock
from shared.runtime import Runtime
from shared.wechat import WechatApp, WechatClient

SERVICE = "identity"


def build_runtime(
    settings: Settings | None = None, *, clock: Clock | None = None, fetch_jwks: JwksFetch | None = None
) -> Runtime[Settings]:
    """Build what the service runs on; settings come from the environment unless given."""
    return Runtime.build(SERVICE, settings or Settings(), constraints=CONSTRAINTS, clock=clock, fetch_jwks=fetch_jwks)


def create_app(runtime: Runtime[Settings], *, wechat: WechatClient | None = None) -> FastAPI:
    """Build the app on a runtime; `wechat` replaces the client built from settings."""
    app = create_service_app(
        runtime,
        ROUTERS,
        title="缔园 · 身份",
        description="社区、房屋、户、居民、账号与职务。Identity: who lives where, who may do what, and the keys that prove it.",
        asks_scopes=False,
    )
    settings = runtime.settings
    mini_program = WechatApp(settings.wechat_app_id, settings.wechat_secret, settings.wechat_base_url)
    app.state.wechat = wechat or WechatClient(mini_program, clock=runtime.clock)
    app.state.signer = TokenSigner(runtime)
    return app


def build() -> FastAPI:
    """Build the app from the environment, for uvicorn."""
    return create_app(build_runtime())
