"""The minutes of a meeting, as media tells of them once they are uploaded and checked."""

from typing import Any
from uuid import UUID

from shared.contracts.events import AssetPassed
from shared.ids import new_id


async def minutes_arrive(hear: Any, community_id: UUID) -> str:
    """Tell points of minutes that passed their check, a document without a hash, and return their id."""
    asset_id = new_id()
    passed = AssetPassed(asset_id=asset_id, owner_account_id=new_id(), media_type="application/pdf")
    await hear("points", community_id, passed)
    return str(asset_id)
