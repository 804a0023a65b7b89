"""Every router of the points service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.points.ledger import routes as ledger

ROUTERS: Sequence[APIRouter] = (ledger.router,)
