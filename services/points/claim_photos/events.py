"""What points do when they hear of pictures and other files."""

from services.points.claim_photos import usecases
from shared.contracts.events import AssetPassed
from shared.handlers import Handlers
from shared.uow import UnitOfWork


async def on_asset_passed(uow: UnitOfWork, event: AssetPassed) -> None:
    """Remember what a picture looks like; other files have no hash, and of them that they are there."""
    if event.dhash is None:
        await usecases.note_document(uow=uow, asset_id=event.asset_id)
    else:
        await usecases.note_hash(uow=uow, asset_id=event.asset_id, dhash=int(event.dhash, 16))


HANDLERS: Handlers = {AssetPassed: on_asset_passed}
