"""Every router of the media service."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.media.assets import routes as assets
from services.media.pushes import routes as pushes

ROUTERS: Sequence[APIRouter] = (assets.router, assets.files_router, pushes.router)
