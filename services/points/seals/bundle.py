"""The rows of an export as lines of JSON, and the manifest that lists them. What reads them is `ledger/verify.py`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

FORMAT: Final = "diyuan.points.export.v1"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""One date for every member, so that the same books give the same file."""
NOTE: Final = (
    "积分账本\n"
    "在装有 Python 3.11 以上的电脑上运行：python3 verify.py 本文件.zip\n"
    "程序不联网，不需要安装别的软件；它会重算每一行流水、每一个封签、每一轮的结算单，并指出被改动的那一行。\n"
    "加上 --seal 和公告上的封签，可以核对公告以后账本有没有被重写。\n"
)


@dataclass
class Counted:
    """Counts and hashes the lines of a member while they are written."""

    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def line(self, row: Mapping[str, Any]) -> bytes:
        """Return a row as its line."""
        written = (json.dumps(row, ensure_ascii=False, default=_plain, separators=(",", ":")) + "\n").encode()
        self.rows += 1
        self.digest.update(written)
        return written


def manifest(community_id: UUID, exported_at: datetime, members: Mapping[str, Counted]) -> bytes:
    """Return the list of members with the hash and length of each."""
    content = {
        "format": FORMAT,
        "community": str(community_id),
        "exported_at": _plain(exported_at),
        "files": {name: {"sha256": m.digest.hexdigest(), "rows": m.rows} for name, m in members.items()},
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def _plain(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case UUID():
            return str(value)
    msg = f"{type(value).__name__} has no place in an export"
    raise TypeError(msg)
