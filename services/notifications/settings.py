"""What the notifications service reads from its environment."""

from pydantic import Field, SecretStr

from services.notifications.messages.templates import TemplateKey
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the notifications service."""

    wechat_app_id: str | None = Field(None, description="The mini-program's AppID; no WeChat messages when unset.")
    wechat_secret: SecretStr | None = Field(None, description="The mini-program's secret.")
    wechat_base_url: str = Field(
        "https://api.weixin.qq.com", description="Where WeChat answers; the local WeChat server in development."
    )
    wechat_templates: dict[TemplateKey, str] = Field(
        default_factory=dict, description="JSON of our template names → WeChat template ids."
    )
    stream_seconds: int = Field(
        900, ge=1, le=3600, description="After how long a live stream ends and the page comes back with a fresh token."
    )
    stream_keepalive_seconds: float = Field(
        15, gt=0, le=60, description="Pause after which an idle stream shows that it lives, and looks for itself."
    )
    streams_per_account: int = Field(5, ge=1, le=50, description="Live streams one account may hold open, per process.")
    streams_in_all: int = Field(2000, ge=1, description="Live streams held open, per process.")
