"""What the proposals service reads from its environment."""

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the proposals service."""

    receipt_key: SecretStr = Field(
        SecretStr("development"),
        description="Signs ballot receipts and tree heads; any 16 characters or more outside development.",
    )
