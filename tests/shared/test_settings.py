"""What a deployable refuses to start with, and that it says so without telling secrets."""

import base64
import json
from typing import Any

import pytest
from pydantic import Field, SecretStr, ValidationError

from shared.settings import ServiceSettings

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(1, 33))).decode()
STRONG = "u7Gq2-vX9_pL4mZ8wK1t"


class Settings(ServiceSettings):
    """A service with a secret of its own."""

    pickup_key: SecretStr = Field(SecretStr("development"), description="Signs something.")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    made = {
        "DATABASE_URL": "postgresql://diyuan:s3cr3t-of-db@127.0.0.1/diyuan",
        "REDIS_URL": "redis://127.0.0.1/0",
        "FIELD_KEYS": json.dumps({"k1": KEY}),
        "INDEX_KEY": OTHER,
        "PICKUP_KEY": STRONG,
    }
    for name in ("ENVIRONMENT", *made):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def start(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a way to read settings from the environment with some variables changed (None: unset)."""

    def read(**changes: str | None) -> Settings:
        for name, value in (environment | changes).items():
            if value is not None:
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name, raising=False)
        return Settings()

    return read


def test_production_is_the_default_and_starts_with_real_secrets(start: Any) -> None:
    settings = start()
    assert not settings.is_development
    assert settings.field_keys["k1"].get_secret_value() == KEY


@pytest.mark.parametrize(
    "secret", ["development", "change-me", "CHANGEME", " secret ", "", "short", "fifteen-letters", "placeholder"]
)
def test_placeholder_is_refused_in_production_only(start: Any, secret: str) -> None:
    with pytest.raises(ValidationError, match="PICKUP_KEY"):
        start(PICKUP_KEY=secret)
    assert start(PICKUP_KEY=secret, ENVIRONMENT="development").is_development


def test_forgotten_secret_is_refused_in_production(start: Any) -> None:
    with pytest.raises(ValidationError, match="PICKUP_KEY"):
        start(PICKUP_KEY=None)


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "FIELD_KEYS", "INDEX_KEY"])
def test_missing_variable_is_named(start: Any, name: str) -> None:
    with pytest.raises(ValidationError, match=name.lower()):
        start(**{name: None})


BAD_KEYS = ["not base64!", base64.b64encode(b"short").decode(), base64.b64encode(b"x" * 33).decode(), ""]


@pytest.mark.parametrize("key", BAD_KEYS)
@pytest.mark.parametrize("environment_name", ["development", "production"])
def test_key_that_cannot_encrypt_is_refused(start: Any, key: str, environment_name: str) -> None:
    with pytest.raises(ValidationError, match="k2"):
        start(FIELD_KEYS=json.dumps({"k1": KEY, "k2": key}), ENVIRONMENT=environment_name)
    with pytest.raises(ValidationError, match="index_key"):
        start(INDEX_KEY=key, ENVIRONMENT=environment_name)


@pytest.mark.parametrize("keys", ["{}", json.dumps({"a:b": KEY}), json.dumps({"": KEY})])
def test_key_ring_that_cannot_be_used_is_refused(start: Any, keys: str) -> None:
    with pytest.raises(ValidationError, match="field_keys"):
        start(FIELD_KEYS=keys)


def test_last_key_encrypts(start: Any) -> None:
    from shared.crypto import FieldCipher

    cipher = FieldCipher.from_settings(start(FIELD_KEYS=json.dumps({"z": KEY, "a": OTHER})))
    assert cipher.encrypt("x", "c").startswith("a:")


@pytest.mark.parametrize(
    ("name", "value"),
    [("POOL_SIZE", "0"), ("POOL_SIZE", "many"), ("WORKER_POOL_SIZE", "51"), ("ENVIRONMENT", "staging")],
)
def test_value_that_does_not_fit(start: Any, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name.lower()):
        start(**{name: value})


def test_refusal_tells_no_secret(start: Any) -> None:
    weak = "Weak-1"
    with pytest.raises(ValidationError) as refusal:
        start(PICKUP_KEY=weak)
    told = str(refusal.value)
    for secret in (weak, KEY, OTHER, "s3cr3t-of-db"):
        assert secret not in told
    bad = "not base64 but secret"
    with pytest.raises(ValidationError) as refusal:
        start(FIELD_KEYS=json.dumps({"k1": bad}))
    assert bad not in str(refusal.value)


def test_settings_show_no_secret(start: Any) -> None:
    shown = repr(start()) + str(start()) + start().model_dump_json()
    for secret in (KEY, OTHER, STRONG, "s3cr3t-of-db"):
        assert secret not in shown


def test_a_variable_that_is_left_empty_is_not_set(start: Any) -> None:
    settings = start(OTLP_ENDPOINT="", POOL_SIZE="", LOG_LEVEL="", METRICS_ADDRESS="")

    assert (settings.otlp_endpoint, settings.pool_size) == (None, 10)
    assert (settings.log_level, settings.metrics_address) == ("INFO", None)


@pytest.mark.parametrize("name", ["FIELD_KEYS", "INDEX_KEY", "DATABASE_URL", "PICKUP_KEY"])
def test_what_must_be_set_cannot_be_left_empty(start: Any, name: str) -> None:
    with pytest.raises(ValidationError, match=name if name == "PICKUP_KEY" else name.lower()):
        start(**{name: ""})
