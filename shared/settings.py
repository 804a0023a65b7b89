"""What a deployable reads from its environment, and what it refuses to start with."""

import base64
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PLACEHOLDERS = frozenset({"", "change-me", "changeme", "secret", "password", "placeholder", "example", "development"})
SHORTEST_SECRET = 16


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _is_weak(secret: str) -> bool:
    return secret.strip().lower() in PLACEHOLDERS or len(secret) < SHORTEST_SECRET


def _check_key(key: SecretStr, name: str = "") -> SecretStr:
    try:
        raw = base64.b64decode(key.get_secret_value(), validate=True)
    except ValueError:
        msg = f"密钥 {name} 不是有效的 base64。"
        raise ValueError(msg) from None
    if len(raw) != 32:  # AES-256 and HMAC-SHA256 both take 32 bytes.
        msg = f"密钥 {name} 应为 32 字节（base64 编码）。"
        raise ValueError(msg)
    return key


def _check_keys(keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
    if not keys:
        msg = "至少要有一把密钥。"
        raise ValueError(msg)
    for key_id, key in keys.items():
        # A ciphertext is stored as `key id:base64`.
        if not key_id or ":" in key_id:
            msg = "密钥编号不能为空，也不能含冒号。"
            raise ValueError(msg)
        _check_key(key, key_id)
    return keys


Key = Annotated[SecretStr, AfterValidator(_check_key)]
KeyRing = Annotated[dict[str, SecretStr], AfterValidator(_check_keys)]


class SharedSettings(BaseSettings):
    """Settings every deployable has. Each service adds its own in a subclass.

    Errors: ValidationError at start-up when a value is missing, malformed or, outside development, a placeholder.
    """

    model_config = SettingsConfigDict(
        env_file=None,
        # `.env` and ConfigMaps name every variable; one that is left empty is as good as not named.
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Environment = Field(
        Environment.PRODUCTION,
        description="development opens time travel and the local WeChat server; nothing else does.",
    )
    redis_url: SecretStr = Field(description="redis://… for events, rate limits and caches.")
    log_level: str = Field("INFO", description="Least severe level written.")
    otlp_endpoint: str | None = Field(None, description="Where traces go (OTLP over HTTP); none are sent when unset.")
    metrics_address: str | None = Field(
        None,
        pattern=r"^[^:\s]+:\d{1,5}$",
        description="host:port on which a worker or the gateway answers /metrics; a service answers it on its own door.",
    )

    @property
    def is_development(self) -> bool:
        """Whether this process may use what only a developer's machine offers."""
        return self.environment is Environment.DEVELOPMENT

    @model_validator(mode="after")
    def _refuse_placeholders(self) -> Self:
        if self.is_development:
            return self
        for name, value in self:
            secrets = value.values() if isinstance(value, dict) else [value]
            for secret in secrets:
                if isinstance(secret, SecretStr) and not name.endswith("_url") and _is_weak(secret.get_secret_value()):
                    msg = f"{name.upper()} 还是占位或太短的密钥；正式环境请换成随机生成的密钥。"
                    raise ValueError(msg)
        return self


class ServiceSettings(SharedSettings):
    """Settings of a service that owns a schema."""

    database_url: SecretStr = Field(
        description="postgresql://… of the one database; each service has its schema and role in it."
    )
    identity_url: str = Field(
        "http://127.0.0.1:8001", description="Where identity answers; its JWKS is read from here."
    )
    pool_size: int = Field(10, ge=1, le=100, description="Database connections for requests, per process.")
    worker_pool_size: int = Field(4, ge=1, le=50, description="Database connections for the worker, per process.")
    field_keys: KeyRing = Field(
        description="Keys that encrypt personal fields, JSON of key id → base64 of 32 bytes; the last one encrypts."
    )
    index_key: Key = Field(description="Key of the blind index, base64 of 32 bytes; changing it needs a re-index.")
