"""The first minutes: the demo community is loaded once, then the terminal says where to look and who to be."""

import time

from launcher.config import LaunchConfig
from launcher.console import say
from launcher.home import Home


async def welcome(config: LaunchConfig, home: Home, url: str, began: float) -> None:
    """Load the demo community the first time, then print addresses, accounts and what to try."""
    say(f"缔园已就绪（{time.monotonic() - began:.1f} 秒）：{url}", "ready")
    say(f"  接口文档  {url}/docs", "API documentation")
    say(f"  运行记录  {home.directory / 'logs'}", "logs")
    say("  按 Ctrl-C 停止。", "Ctrl-C stops everything")
