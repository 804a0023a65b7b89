"""What the identity service reads from its environment."""

from datetime import timedelta

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings
from shared.wechat import OFFICIAL_BASE_URL


class Settings(ServiceSettings):
    """Settings of the identity service."""

    wechat_app_id: str = Field("wx-local", description="App id of the mini-program residents sign in with.")
    wechat_secret: SecretStr = Field(
        SecretStr("development"), description="App secret of that mini-program; kept here and nowhere else."
    )
    wechat_base_url: str = Field(
        OFFICIAL_BASE_URL, description="Where WeChat answers; a local server speaks the same protocol in development."
    )
    signing_key_lifetime: timedelta = Field(
        timedelta(days=30), description="Age at which the worker replaces the key that signs access tokens."
    )
