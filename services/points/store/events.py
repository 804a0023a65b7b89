"""What the store does when it hears of pictures."""

from typing import Any

from services.points.store import usecases
from shared.contracts.events import AssetDeleted, AssetRejected
from shared.handlers import Handler
from shared.uow import UnitOfWork


async def on_asset_gone(uow: UnitOfWork, event: AssetRejected | AssetDeleted) -> None:
    """Take the picture off the shelf."""
    await usecases.drop_picture(uow=uow, asset_id=event.asset_id)


HANDLERS: dict[type[Any], Handler] = {AssetRejected: on_asset_gone, AssetDeleted: on_asset_gone}
