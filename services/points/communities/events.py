"""What communities do when they hear what one is called."""

from services.points.communities import usecases
from shared.contracts.events import CommunityNamed
from shared.handlers import Handlers
from shared.uow import UnitOfWork


async def on_community_named(uow: UnitOfWork, event: CommunityNamed) -> None:
    """Keep the name."""
    await usecases.keep_name(uow=uow, community_id=event.community_id, code=event.code, name=event.name)


HANDLERS: Handlers = {CommunityNamed: on_community_named}
