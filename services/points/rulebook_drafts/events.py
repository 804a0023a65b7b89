"""What rulebooks do when they hear of decisions."""

from services.points.rulebook_drafts import usecases
from services.points.rulebooks import usecases as rulebooks
from shared.contracts.events import DecisionPublished, ResultPublished
from shared.handlers import Handlers
from shared.uow import UnitOfWork


async def on_decision_published(uow: UnitOfWork, event: DecisionPublished) -> None:
    """Remember the decision and adopt the draft it is about."""
    await rulebooks.note_decision(uow=uow, published=event)
    await usecases.adopt_decided(uow=uow, published=event)


async def on_result_published(uow: UnitOfWork, event: ResultPublished) -> None:
    """Remember that what came of the decision was shown."""
    await rulebooks.note_result(uow=uow, proposal_id=event.proposal_id)


HANDLERS: Handlers = {DecisionPublished: on_decision_published, ResultPublished: on_result_published}
