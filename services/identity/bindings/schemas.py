"""What the API says of residents coming in by WeChat."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.identity.sessions.schemas import TokenPair
from shared.schemas import Input, Output, ShortText

Device = Annotated[str, StringConstraints(max_length=200)]


class WechatSessionCreate(Input):
    """A resident's sign-in."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="What `wx.login` gave; good once, for five minutes."
    )
    community_id: UUID | None = Field(
        None, description="Which community, for somebody who lives in several; else the one used last."
    )
    device: Device = Field("", description="What the device says of itself.", examples=["HUAWEI P30"])


class WechatSessionRead(Output):
    """Either tokens, or the way to the binding."""

    state: str = Field(description="signed_in or unbound.", examples=["signed_in"])
    tokens: TokenPair | None = Field(description="When signed in.")
    binding_token: str | None = Field(description="When unbound: send it with a card code or a phone code.")
    expires_in: int | None = Field(description="Seconds the binding token is good.", examples=[1800])


class BindingCreate(Input):
    """Proof that a WeChat user is a certain person on the roster: exactly one of the two codes."""

    binding_token: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="From the sign-in that ended unbound."
    )
    card_code: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="Twelve digits of the household's card or from the desk.", examples=["1234 5678 9012"]
    )
    phone_code: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="What WeChat's phone button gave; good once, for five minutes."
    )
    name: ShortText | None = Field(
        None, description="Full name, when it is not the householder or several share a telephone.", examples=["王小明"]
    )
    device: Device = Field("", description="What the device says of itself.")

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.card_code is None) == (self.phone_code is None):
            msg = "请填写户卡验证码，或使用微信手机号，二选一。"
            raise ValueError(msg)
        return self


class CodeCreate(Input):
    """For whom a code is."""

    resident_id: UUID | None = Field(
        None, description="One member (good for half an hour); left out, a new card for the household (180 days)."
    )


class CodeRead(Output):
    """A one-time code, shown this once."""

    household_id: UUID = Field(description="The household.")
    resident_id: UUID | None = Field(description="The member it is for, or null.")
    code: str = Field(description="Twelve digits in groups of four.", examples=["1234 5678 9012"])
    expires_in: int = Field(description="Seconds it is good.", examples=[1800])


class UnbindingCreate(Input):
    """Why a resident's WeChat is untied."""

    reason: ShortText = Field(description="Reason in a few words; kept in the audit.", examples=["换了新手机号"])
