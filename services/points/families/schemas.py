"""What the API of families says."""

from uuid import UUID

from pydantic import Field

from shared.schemas import Input, Output


class MergerCreate(Input):
    """A household goes up in another."""

    into_household_id: UUID = Field(description="The household that goes on for both.")
    reason: str = Field(max_length=100, description="Why, for the books.", examples=["两位老人搬到儿子家同住"])


class SplitCreate(Input):
    """Part of a household forms another one."""

    new_household_id: UUID = Field(description="The household formed out of it, already on the roster.")
    standing: int = Field(default=0, ge=0, le=1_000_000_000, description="评议分 that go along.", examples=[20])
    spendable: int = Field(default=0, ge=0, le=1_000_000_000, description="兑换分 that go along.", examples=[50])
    reason: str = Field(max_length=100, description="Why, for the books.", examples=["女儿成家另立一户"])


class MoveRead(Output):
    """What moved from one household to another."""

    standing: int = Field(description="评议分 that moved; negative when more had been lost than earned.", examples=[35])
    spendable: int = Field(description="兑换分 that moved, with their expiry.", examples=[120])
    arrears: int = Field(description="Debts that moved.", examples=[0])
    base: int = Field(description="建档基础分 that were unspent and went back to the community.", examples=[100])
