"""Every router of the notifications service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.notifications.inbox import routes as inbox
from services.notifications.messages import routes as messages
from services.notifications.streams import routes as streams

ROUTERS: Sequence[APIRouter] = (inbox.router, messages.router, streams.router)
