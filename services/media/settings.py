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
        CheckMode.LOCAL, description="local: a file that could be cleaned is shown; people: a reviewer looks at each."
    )
    link_lifetime_seconds: int = Field(
        3600, ge=60, le=86_400, description="How long a link to a file works, in seconds; up to 15 minutes are added."
    )
    intake_threads: int = Field(2, ge=1, le=16, description="Uploads cleaned at the same time, per process.")
    intake_waiting: int = Field(32, ge=0, le=1000, description="Uploads that may wait for a thread, per process.")
