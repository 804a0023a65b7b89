"""Puts the local WeChat server beside the system in development, so that nobody needs an app id to try everything."""

import json
import os
import socket
from typing import TYPE_CHECKING, Any

from launcher.doorway import address_of

if TYPE_CHECKING:
    from shared.kernel.clock import Clock

APP_ID = "wx-local"
OPTIONS: dict[str, Any] = {"server_header": False, "access_log": False}


def is_wanted() -> bool:
    """Tell whether to start it: not in production, and not when somebody named the real one."""
    return "WECHAT_BASE_URL" not in os.environ and os.environ.get("ENVIRONMENT", "development") == "development"


def settings_for(door: socket.socket) -> dict[str, str]:
    """Return the settings that lead the services to it."""
    from services.notifications.messages.templates import TemplateKey

    return {
        "wechat_app_id": APP_ID,
        "wechat_base_url": address_of(door),
        "wechat_templates": json.dumps({key.value: f"local-{key.value}" for key in TemplateKey}),
    }


def local_app(clock: "Clock") -> Any:
    """Build the server; its app id and secret are those of the environment."""
    from launcher.wechat_local import LocalWechat, create_app

    return create_app(
        LocalWechat(clock=clock, app_id=os.environ["WECHAT_APP_ID"], app_secret=os.environ["WECHAT_SECRET"])
    )
