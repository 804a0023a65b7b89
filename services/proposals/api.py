"""Every router of the proposals service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.proposals.ballots import routes as ballots
from services.proposals.concerns import routes as concerns
from services.proposals.exports import routes as exports
from services.proposals.logs import routes as logs
from services.proposals.meetings import routes as meetings
from services.proposals.notices import routes as notices
from services.proposals.processes import routes as processes
from services.proposals.proposals import routes as proposals
from services.proposals.rolls import routes as rolls
from services.proposals.rounds import routes as rounds
from services.proposals.tallies import routes as tallies

# A request tries routes in order, so what is asked most comes first.
ROUTERS: Sequence[APIRouter] = (
    ballots.hot_router,
    ballots.router,
    concerns.router,
    proposals.router,
    processes.router,
    meetings.router,
    rolls.router,
    rounds.router,
    logs.router,
    tallies.router,
    exports.router,
    notices.router,
)
