"""What the points service reads from its environment."""

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the points service."""

    pickup_key: SecretStr = Field(
        SecretStr("development"),
        description="Signs the QR code of a pickup; any 16 characters or more outside development.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address under which people reach this system; the QR codes of printed notices lead there.",
    )
