"""What the API of pickups without network takes and says."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.offline_pickups.domain import HandOver, Outcome
from services.points.offline_pickups.models import OfflinePickup
from services.points.steps.domain import Step
from shared.schemas import Input, Instant, Output, ShortText


class OfflineListCreate(Input):
    """For which device."""

    device: ShortText = Field(description="Name of the device, as written on it.", examples=["一号平板"])


class OfflineItem(Output):
    """One open redemption on the list."""

    redemption_id: UUID = Field(description="The redemption.")
    product_name: str = Field(description="What is handed over.", examples=["大米 5 公斤"])
    quantity: int = Field(description="Pieces.", examples=[1])
    expires_at: datetime = Field(description="Until when it is kept, UTC.")
    code_digest: str = Field(
        description="SHA-256 in hex of the list's salt, the redemption's 16 bytes and the six digits that are told."
    )


class OfflineListRead(Output):
    """A signed list of open codes."""

    id: UUID = Field(description="The list.")
    device: str = Field(description="For which device.")
    salt: str = Field(description="Salt of the digests, hex.")
    ticket: str = Field(description="Shown with the upload; proves that the device was given the list.")
    signature: str = Field(description="HMAC-SHA256 over list, device and items, hex.")
    issued_at: datetime = Field(description="When, UTC.")
    valid_until: datetime = Field(description="Fetch a new one after this, UTC.")
    items: list[OfflineItem] = Field(description="Open redemptions, soonest deadline first.")


class OfflineHandOver(Input):
    """One hand-over without network."""

    redemption_id: UUID = Field(description="The redemption.")
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] = Field(
        description="Six digits that were told.", examples=["482913"]
    )
    handed_over_at: Instant = Field(description="When, by the device's clock.", examples=["2026-05-11T01:00:00Z"])
    proxy_name: ShortText | None = Field(None, description="Who came for the household.", examples=["张三"])

    def hand_over(self) -> HandOver:
        """Return it as the use case takes it."""
        return HandOver(self.redemption_id, self.code, self.handed_over_at, self.proxy_name)


class OfflineUpload(Input):
    """What a device handed over."""

    list_id: UUID = Field(description="The list it worked with.")
    device: ShortText = Field(description="Name of the device.", examples=["一号平板"])
    ticket: Annotated[str, StringConstraints(min_length=10, max_length=200)] = Field(description="The list's ticket.")
    hand_overs: list[OfflineHandOver] = Field(min_length=1, max_length=100_000, description="What was handed over.")


class OfflineSettlement(Input):
    """How a conflict was settled."""

    reason: ShortText = Field(description="What was found and done.", examples=["核实是同一户领走，一号平板多记一次"])


class OfflinePickupRead(Output):
    """What came of one hand-over."""

    redemption_id: UUID = Field(description="The redemption.")
    device: str = Field(description="Which device.", examples=["一号平板"])
    handed_over_at: datetime = Field(description="When, by the device's clock, UTC.")
    proxy_name: str | None = Field(description="Who came for the household.")
    outcome: Outcome = Field(
        description="applied, used_twice, code_wrong, already_ended, own_counter or outside_list.", examples=["applied"]
    )
    explanation: str = Field(description="In words; empty when applied.")
    other_device: str | None = Field(description="Where the code had been used before.")
    other_handed_over_at: datetime | None = Field(description="When, UTC.")
    account_id: UUID = Field(description="Who uploaded it.")
    uploaded_at: datetime = Field(description="When, UTC.")


class OfflineConflictRead(OfflinePickupRead):
    """A hand-over that could not be applied, and how it was settled."""

    id: UUID = Field(description="The conflict.")
    settled_at: datetime | None = Field(description="When a person settled it, UTC; null while it waits for one.")
    settled_by: UUID | None = Field(description="Who settled it.")
    settlement: str = Field(description="What was found and done.")

    @classmethod
    def of_conflict(cls, row: OfflinePickup, end: Step | None) -> "OfflineConflictRead":
        """Read it from its row and from the step that settled it."""
        facts = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        if end is None:
            return cls(**facts, settled_at=None, settled_by=None, settlement="")
        return cls(**facts, settled_at=end.at, settled_by=end.account_id, settlement=end.reason)
