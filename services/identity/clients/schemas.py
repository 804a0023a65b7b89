"""What the API says of other systems."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from shared.schemas import Input, Output, ShortText


class TokenForm(BaseModel):
    """The form of RFC 6749 §4.4.2. Id and secret may come by HTTP Basic instead."""

    grant_type: str = Field(description="Always client_credentials.", max_length=100, examples=["client_credentials"])
    client_id: str = Field("", description="Id of the client.", max_length=200)
    client_secret: str = Field("", description="Secret of the client.", max_length=200)
    scope: str = Field(
        "", description="Scopes wanted, separated by spaces; all of them when left out.", max_length=1000
    )


class TokenRead(Output):
    """The answer of RFC 6749 §5.1."""

    access_token: str = Field(description="Send as `Authorization: Bearer …`.")
    token_type: str = Field("Bearer", description="Always Bearer.")
    expires_in: int = Field(description="Seconds the token is good.", examples=[900])
    scope: str = Field(description="Scopes the token carries.", examples=["points:read"])


class ClientCreate(Input):
    """A system to be let in."""

    name: ShortText = Field(description="What people call it.", examples=["区政务服务平台"])
    scopes: list[Annotated[str, StringConstraints(max_length=64)]] = Field(
        min_length=1, max_length=20, description="Rights, as service:read or service:write.", examples=[["points:read"]]
    )


class ClientRead(Output):
    """A system that was let in."""

    id: UUID = Field(description="The client.")
    client_id: str = Field(description="Public id, for the token endpoint.", examples=["dyc_…"])
    name: str = Field(description="What people call it.", examples=["区政务服务平台"])
    scopes: list[str] = Field(description="Its rights.", examples=[["points:read"]])
    created_at: datetime = Field(description="When it was let in, UTC.")
    disabled_at: datetime | None = Field(description="When it was shut out, UTC, or null.")


class ClientSecretRead(ClientRead):
    """A client with a secret, shown this once."""

    client_secret: str = Field(description="The new secret.", examples=["dys_…"])
    old_secret_until: datetime | None = Field(description="Until when the secret before still works, UTC, or null.")
