"""Every router of the media service."""

from services.media.assets.routes import files_router, router

ROUTERS = (router, files_router)
