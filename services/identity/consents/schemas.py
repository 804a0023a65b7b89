"""What the API says of consents."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.identity.consents.domain import ConsentKind
from shared.schemas import Input, Moment, Output, ShortText


class ConsentDocumentCreate(Input):
    """The next version of a text."""

    kind: ConsentKind = Field(description="privacy_policy, user_agreement or photo_publication.")
    title: ShortText = Field(description="Title as people see it.", examples=["隐私保护说明"])
    body: Annotated[str, StringConstraints(min_length=1, max_length=50_000)] = Field(
        description="Full text.", examples=["我们只收集办事需要的信息……"]
    )
    effective_at: Moment | None = Field(None, description="From when it is in force, UTC; now when left out.")


class ConsentDocumentRead(Output):
    """A text in force."""

    kind: ConsentKind = Field(description="Which text.")
    version: int = Field(description="Version, from 1.", examples=[1])
    title: str = Field(description="Title.", examples=["隐私保护说明"])
    body: str = Field(description="Full text.")
    effective_at: datetime = Field(description="Since when it is in force, UTC.")


class ConsentCreate(Input):
    """A yes."""

    kind: ConsentKind = Field(description="Which text.")
    version: int = Field(description="The version that was shown.", ge=1, le=1_000_000, examples=[1])


class ConsentRead(Output):
    """A yes as it was given."""

    id: UUID = Field(description="The consent.")
    kind: ConsentKind = Field(description="Which text.")
    version: int = Field(description="Which version.", examples=[1])
    given_at: datetime = Field(description="When it was given, UTC.")
    withdrawn_at: datetime | None = Field(description="When it was taken back, UTC, or null.")
