"""What the suppliers' API takes and says."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.points.suppliers.domain import SupplierFacts
from shared.schemas import Input, Output, ShortText

OptionalText = Annotated[str, StringConstraints(max_length=200)]


class SupplierWrite(Input):
    """What is noted of a supplier."""

    name: ShortText = Field(description="Name of the shop, firm or association.", examples=["城关粮油店"])
    contact: OptionalText = Field(
        "", description="Public number or address of the business.", examples=["城关街 12 号"]
    )
    note: OptionalText = Field("", description="Anything worth knowing.", examples=["每月 5 日送货"])
    is_active: bool = Field(True, description="Whether it still delivers.")
    reason: ShortText | None = Field(
        None, description="Why it is entered or changed, for the record.", examples=["换了送货单位"]
    )

    def facts(self) -> SupplierFacts:
        """Return them as the use case takes them."""
        return SupplierFacts(self.name, self.contact, self.note, self.is_active)


class SupplierRead(Output):
    """A supplier."""

    id: UUID = Field(description="The supplier.")
    name: str = Field(description="Name of the shop, firm or association.", examples=["城关粮油店"])
    contact: str = Field(description="Public number or address of the business.")
    note: str = Field(description="Anything worth knowing.")
    is_active: bool = Field(description="Whether it still delivers.")
    version: int = Field(description="Version, also the ETag.", examples=[1])
