"""What the media service reads from its environment."""

import hmac
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import ServiceSettings


class CheckMode(StrEnum):
    """Who decides about a new file: `local` lets through what could be cleaned; `wechat` asks WeChat; `people` leaves every one to a reviewer."""

    LOCAL = "local"
    WECHAT = "wechat"
    PEOPLE = "people"


class Settings(ServiceSettings):
    """Settings of the media service."""

    media_dir: str = Field(".data/files", description="Directory in which files are kept, unless a bucket is named.")
    media_bucket: str | None = Field(
        None, description="S3-compatible bucket in which files are kept, with or without a prefix: bucket/prefix."
    )
    media_bucket_endpoint: str | None = Field(
        None, description="Address of the S3-compatible store; AWS's own when unset."
    )
    media_bucket_region: str = Field("us-east-1", description="Region of the bucket.")
    media_bucket_access_key: str | None = Field(None, description="Access key of the bucket.")
    media_bucket_secret_key: SecretStr | None = Field(None, description="Secret key of the bucket.")
    check_mode: CheckMode = Field(
        CheckMode.LOCAL,
        description="local: a file that could be cleaned is shown; wechat: WeChat judges pictures; people: a reviewer looks at each.",
    )
    wechat_app_id: str | None = Field(None, description="The mini-program's AppID, for check_mode wechat.")
    wechat_secret: SecretStr | None = Field(None, description="The mini-program's secret.")
    wechat_base_url: str = Field(
        "https://api.weixin.qq.com", description="Where WeChat answers; the local WeChat server in development."
    )
    wechat_push_token: SecretStr | None = Field(
        None, description="Token of WeChat's message push; pushes are refused when unset."
    )
    wechat_push_aes_key: SecretStr | None = Field(None, description="EncodingAESKey, when the push is in safe mode.")
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address under which WeChat reaches this system, to fetch pictures it checks.",
    )
    link_lifetime_seconds: int = Field(
        3600, ge=60, le=86_400, description="How long a link to a file works, in seconds; up to 15 minutes are added."
    )
    intake_threads: int = Field(2, ge=1, le=16, description="Uploads cleaned at the same time, per process.")
    intake_waiting: int = Field(16, ge=0, le=1000, description="Uploads that may wait for a thread, per process.")

    @model_validator(mode="after")
    def _refuse_half_a_check(self) -> Self:
        # Without all three, every picture would wait out its check and then go to a person, and nobody would know why.
        needed = ("wechat_app_id", "wechat_secret", "wechat_push_token")
        missing = [name.upper() for name in needed if getattr(self, name) is None]
        if self.check_mode is CheckMode.WECHAT and missing and not self.is_development:
            msg = f"CHECK_MODE=wechat 还缺 {'、'.join(missing)}；请补上，或把 CHECK_MODE 改成 people。"
            raise ValueError(msg)
        return self

    def link_keys(self) -> Sequence[bytes]:
        """Return the keys links are sealed with, newest last; each is drawn from one of the service's own keys."""
        ring = self.field_keys.values()
        return [hmac.new(key.get_secret_value().encode(), b"media-link-1", sha256).digest() for key in ring]
