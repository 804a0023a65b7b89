"""What the audit says."""

from datetime import datetime

from pydantic import Field

from shared.schemas import Output


class InvariantRead(Output):
    """One rule the books are checked against."""

    code: str = Field(description="Number of the invariant.", examples=["I1"])
    meaning: str = Field(description="What must hold, in Chinese.", examples=["每笔积分有出有入，合计为零。"])
    is_kept: bool = Field(description="Whether it holds everywhere it was asked.")
    is_whole: bool = Field(
        description="Whether all of the books were read. False when they are too long to read while somebody waits: then only what came"
        " after the last clean night was read, and the night reads everything again."
    )


class BreachRead(Output):
    """One place where a rule does not hold."""

    code: str = Field(description="Number of the invariant.", examples=["I2"])
    meaning: str = Field(description="What must hold, in Chinese.", examples=["每个账户的可用加预留，等于流水合计。"])
    subject: str = Field(description="Id of the account, transfer, lot, batch or redemption.")
    found: str = Field(description="What was found there.", examples=["余额 130，流水合计 100"])


class NightlyAuditRead(Output):
    """What a nightly audit found."""

    is_clean: bool = Field(description="Whether every invariant held that night.")
    audited_at: datetime = Field(description="When the books were looked at, UTC.")
    breaches: list[BreachRead] = Field(description="Where rules did not hold; empty when all was well.")


class AuditRead(Output):
    """Result of an audit."""

    is_clean: bool = Field(description="Whether every invariant holds.")
    audited_at: datetime = Field(description="When the books were looked at, UTC.")
    invariants: list[InvariantRead] = Field(description="Every rule that was checked.")
    breaches: list[BreachRead] = Field(description="Where rules do not hold; empty when all is well.")
    last_night: NightlyAuditRead | None = Field(
        description="What the last nightly audit found; null before the first. It runs by itself every night."
    )
