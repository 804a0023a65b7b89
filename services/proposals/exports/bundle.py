"""The export as a zip: the log, the signed heads, for scrutineers also roll, ballots and key, and the program that checks it all."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

NOTE = (
    "核验包\n"
    "在装有 Python 3.11 以上的电脑上运行：python3 verify.py 本文件.zip\n"
    "程序不联网，不需要安装别的软件；它会重新核对日志、签名、名册和计票，并打印结果。\n"
)
EPOCH = (1980, 1, 1, 0, 0, 0)
"""One date for every member, so that the same facts give the same file."""


def build_bundle(
    *,
    log: Sequence[Mapping[str, Any]],
    heads: Mapping[str, Any],
    roll: Sequence[Mapping[str, Any]] | None,
    ballots: Mapping[str, Any] | None,
    verifier: str,
) -> bytes:
    """Return the zip; without roll and ballots it is the public edition."""
    members = {
        "README.txt": NOTE,
        "verify.py": verifier,
        "log.jsonl": "".join(_json(entry) + "\n" for entry in log),
        "heads.json": _json(heads),
    }
    if roll is not None and ballots is not None:
        members |= {"roll.json": _json(roll), "ballots.json": _json(ballots)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            bundle.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
