"""Table of uploaders: a copy of what identity tells, never a source of it."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field

from services.media.registry import Table


class UploaderRow(Table, table=True):
    """An account and the openid WeChat knows it by."""

    __tablename__: ClassVar[str] = "uploader"

    community_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    wechat_openid: str
