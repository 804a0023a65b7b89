"""Tables that tie a WeChat user to a person on the roster."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from services.identity.registry import Base

MOMENT = DateTime(timezone=True)


class WechatUserRow(Base, table=True):
    """The WeChat user an account signs in with. One WeChat user may live in two communities, hence two rows."""

    __tablename__: ClassVar[str] = "wechat_user"
    __table_args__ = (
        UniqueConstraint("community_id", "account_id", "app_id"),
        ForeignKeyConstraint(["community_id", "account_id"], ["identity.account.community_id", "identity.account.id"]),
        # Sign-in knows the openid before it knows the community.
        Index("ix_wechat_user_openid", "app_id", "openid"),
    )

    community_id: UUID = Field(primary_key=True)
    app_id: str = Field(primary_key=True)
    openid: str = Field(primary_key=True)
    account_id: UUID
    bound_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime = Field(sa_type=MOMENT)


class CardCodeRow(Base, table=True):
    """A one-time code for a household's card; only its blind index is kept."""

    __tablename__: ClassVar[str] = "card_code"
    __table_args__ = (
        UniqueConstraint("community_id", "code_index"),
        # The code is typed before the community is known.
        Index("ix_card_code_look_up", "code_index"),
        Index("ix_card_code_household", "community_id", "household_id"),
    )

    community_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    code_index: bytes = Field(sa_type=LargeBinary, repr=False)
    household_id: UUID
    resident_id: UUID | None = Field(default=None, description="Set when the code is for one member only.")
    issued_by: UUID
    issued_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime | None = Field(default=None, sa_type=MOMENT)
    used_by: UUID | None = Field(default=None, description="The account it bound.")
