"""What the media service reads from its environment."""

from enum import StrEnum

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class CheckMode(StrEnum):
    """Who decides about a new file: `local` lets through what could be cleaned; `people` leaves every one to a reviewer."""

    LOCAL = "local"
    PEOPLE = "people"


class Settings(ServiceSettings):
    """Settings of the media service."""

    files_location: str = Field(
        ".data/files",
        description="Where files are kept: a directory, or s3://bucket/prefix for an S3-compatible store.",
    )
    files_endpoint: str | None = Field(None, description="Address of an S3-compatible store; AWS's own when unset.")
    files_region: str = Field("us-east-1", description="Region of the S3-compatible store.")
    files_access_key: SecretStr | None = Field(None, description="Access key of the S3-compatible store.")
    files_secret_key: SecretStr | None = Field(None, description="Secret key of the S3-compatible store.")
    check_mode: CheckMode = Field(
        CheckMode.LOCAL, description="local: a file that could be cleaned is shown; people: a reviewer looks at each."
    )
    link_lifetime_seconds: int = Field(
        3600, ge=60, le=86_400, description="How long a link to a file works, in seconds; up to 15 minutes are added."
    )
    intake_threads: int = Field(2, ge=1, le=16, description="Uploads cleaned at the same time, per process.")
    intake_waiting: int = Field(32, ge=0, le=1000, description="Uploads that may wait for a thread, per process.")
