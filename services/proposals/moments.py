"""Moments that people send: any time zone comes in, UTC goes on."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        msg = "日期超出了可用的范围。"
        raise ValueError(msg) from None


UtcMoment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
