"""The API's documentation: one merged document, a page to read it without a network, and what each problem code means."""

import asyncio
import hashlib
import html
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import structlog

from gateway.errors import REASONS, UNKNOWN_PATH, RefusalError
from gateway.fetch import fetch
from gateway.openapi import Document, merge
from gateway.own_api import OWN_API
from gateway.pages import HTML, JSON, Call
from gateway.proxy import Carrier
from gateway.refusals import declare_refusals

log = structlog.get_logger(__name__)

FETCH_WITHIN_SECONDS: Final = 30
"""A service makes its document when it is first asked for it."""
FRESH_SECONDS: Final = 60.0
FRESH_SECONDS_IF_INCOMPLETE: Final = 2.0
ASSETS: Final = {
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "swagger-ui.css": b"text/css; charset=utf-8",
    "favicon.png": b"image/png",
}
SCRIPTS_FROM_HERE: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    b"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
POLICY: Final = (b"content-security-policy", SCRIPTS_FROM_HERE)
PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>缔园开放接口</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="swagger-ui">正在打开接口文档…</div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
""".encode()
START: Final = b"""SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  persistAuthorization: false,
  validatorUrl: null,
});
"""
PROBLEM_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · 缔园</title>
<style>body{{font:20px/1.7 sans-serif;max-width:36em;margin:3em auto;padding:0 1em}}code{{font-size:.9em}}</style>
<h1>{title}</h1>
<p>{detail}</p>
<p>问题编号：<code>{code}</code>（状态码 {status}）</p>
<p>如果照着做还是不行，请把问题编号和请求编号告诉社区工作人员。</p>
</html>
"""


FACT: Final = re.compile(r"\{[a-z_]+\}")
"""A place in a sentence that each occurrence fills with its own fact."""


class Docs:
    """`/openapi.json`, `/docs`, `/docs/<asset>` and `/problems/<code>`."""

    def __init__(self, carrier: Carrier, services: Sequence[str]) -> None:
        self._carrier = carrier
        self._services = services
        self._lock = asyncio.Lock()
        self._made = _Made()
        self._stale_at = 0.0
        self._assets: dict[str, bytes] = {}

    async def openapi(self, call: Call) -> None:
        """Answer the merged document."""
        await self._refresh()
        headers = [(b"etag", self._made.etag), (b"cache-control", b"no-cache")]
        if call.exchange.headers.get(b"if-none-match") == self._made.etag:
            await call.exchange.reply(304, None, b"", headers)
        else:
            await call.exchange.reply(200, JSON, self._made.body, headers)

    async def page(self, call: Call) -> None:
        """Answer the page that shows the document."""
        await call.exchange.reply(200, HTML, PAGE, [POLICY])

    async def asset(self, call: Call) -> None:
        """Answer one file the page needs, from the installed package: nothing comes from another host."""
        name = call.scope["path"].rpartition("/")[2]
        cached = (b"cache-control", b"public, max-age=86400")
        if name == "start.js":
            await call.exchange.reply(200, ASSETS["swagger-ui-bundle.js"], START, [cached])
            return
        if name not in ASSETS:
            raise RefusalError(UNKNOWN_PATH)
        if name not in self._assets:
            self._assets[name] = await asyncio.to_thread(_read_asset, name)
        await call.exchange.reply(200, ASSETS[name], self._assets[name], [cached])

    async def problem(self, call: Call) -> None:
        """Explain a problem code to a person."""
        code = call.scope["path"].rpartition("/")[2]
        if (reason := REASONS.get(code)) is not None:
            title, detail, status = reason.title, reason.detail, reason.status
        else:
            await self._refresh()
            if code not in self._made.problems:
                raise RefusalError(UNKNOWN_PATH)
            title, detail, status = self._made.problems[code]
        detail = FACT.sub("…", detail)
        page = PROBLEM_PAGE.format(
            title=html.escape(title), detail=html.escape(detail), code=html.escape(code), status=status
        )
        style = b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        await call.exchange.reply(200, HTML, page.encode(), [(b"content-security-policy", style)])

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() < self._stale_at:
                return
            found = await asyncio.gather(*(self._text_of(service) for service in self._services))
            texts = {name: text for name, text in zip(self._services, found, strict=True) if text is not None}
            marks = {name: hashlib.sha256(text).digest() for name, text in texts.items()}
            if marks != self._made.marks:
                # Megabytes: whoever wants something else meanwhile does not wait for them.
                self._made = await asyncio.to_thread(_make, self._services, texts, marks)
            fresh = FRESH_SECONDS if self._made.is_complete else FRESH_SECONDS_IF_INCOMPLETE
            self._stale_at = time.monotonic() + fresh

    async def _text_of(self, service: str) -> bytes | None:
        try:
            answer = await fetch(self._carrier, service, "/openapi.json", within_seconds=FETCH_WITHIN_SECONDS)
        except RefusalError as error:
            log.warning("openapi_unavailable", service=service, error=repr(error))
            return None
        return answer.body if answer.is_ok else None


@dataclass(frozen=True, slots=True)
class _Made:
    """The merged document as text, what its services' texts were, and what its problems say: code to title, detail and status."""

    body: bytes = b""
    etag: bytes = b""
    marks: Mapping[str, bytes] | None = None
    problems: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    is_complete: bool = False


def _make(services: Sequence[str], texts: Mapping[str, bytes], marks: Mapping[str, bytes]) -> _Made:
    documents = {name: document for name, text in texts.items() if (document := _parsed(name, text)) is not None}
    merged = declare_refusals(merge(documents | {"gateway": OWN_API}))
    missing = [name for name in services if name not in documents]
    if missing:
        merged["info"]["x-unavailable"] = missing
    body = json.dumps(merged, ensure_ascii=False, separators=(",", ":")).encode()
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    return _Made(body, etag, marks, _problems(merged), is_complete=not missing)


def _parsed(service: str, text: bytes) -> Document | None:
    try:
        document: Document = json.loads(text)
    except ValueError as error:
        log.warning("openapi_unavailable", service=service, error=repr(error))
        return None
    return document


def _problems(document: Document) -> dict[str, tuple[str, str, int]]:
    """Return what the declared examples of a document say of every problem code."""
    found: dict[str, tuple[str, str, int]] = {}
    for operation in (part for item in document["paths"].values() for part in item.values() if isinstance(part, dict)):
        for response in operation.get("responses", {}).values():
            examples = response.get("content", {}).get("application/problem+json", {}).get("examples", {})
            for code, example in examples.items():
                if "value" in example:
                    value = example["value"]
                    found.setdefault(code, (value["title"], value["detail"], value["status"]))
    return found


def _read_asset(name: str) -> bytes:
    package = find_spec("fastapi_offline")
    if package is None or package.origin is None:
        raise RefusalError(UNKNOWN_PATH)
    return (Path(package.origin).parent / "static" / name).read_bytes()
