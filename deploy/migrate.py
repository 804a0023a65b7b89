"""Moves every service's schema to the newest step and ends: `python -m deploy.migrate`, before the services start."""

import asyncio
import os
import sys

from shared.migrations import NewerDatabaseError, StepFailedError, migrate_all

SERVICES = ("identity", "media", "notifications", "points", "property", "proposals")


def main() -> int:
    """Migrate; return the exit code."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        print("请设置 DATABASE_URL。 Set DATABASE_URL.", file=sys.stderr)
        return 64
    try:
        taken = asyncio.run(migrate_all(url, SERVICES))
    except NewerDatabaseError as error:
        print(
            f"数据库比程序新（{error.service} {error.revision}），请更新程序。 The database is newer than this code.",
            file=sys.stderr,
        )
        return 65
    except StepFailedError as error:
        print(
            f"{error.service} 的第 {error.revision} 步没有成功，已撤回（{error.__cause__}）。 The step failed and was undone.",
            file=sys.stderr,
        )
        return 70
    for service, steps in taken.items():
        print(f"{service}: {', '.join(steps) or '已是最新 up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
