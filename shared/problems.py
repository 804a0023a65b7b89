"""Refusals as RFC 9457 problem documents, told to people in Chinese and to programs by a stable code.

A refusal of the domain becomes a problem by one table (kind → status). OpenAPI is told the same way: `problems(ErrorA, ErrorB)` on a
route lists every code the route can answer, and the test clients fail on one that is not listed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from shared.kernel.errors import (
    DomainError,
    InvalidError,
    Kind,
    NotFoundError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)
from shared.refusals import DRIVER_ERRORS, DatabaseBusyError, refusal_for

if TYPE_CHECKING:
    from shared.db import Database

log = structlog.get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[Kind, int]] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.PRECONDITION: 412,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}

_OWN_STATUS: Final[Mapping[str, int]] = {
    "unexpected": 500,
    "method_not_allowed": 405,
    "malformed": 400,
    "too_large": 413,
    "range_unsatisfiable": 416,
}
"""Refusals that HTTP itself has a status for."""

RETRY_AFTER_SECONDS: Final = 2


class ValidationError(InvalidError):
    code = "validation_failed"
    title = "填写的内容不对"
    detail = "有 {count} 处填写不对，请按提示改正后再提交。"


class UnexpectedError(DomainError):
    code = "unexpected"
    kind = Kind.UNAVAILABLE
    title = "系统出错了"
    detail = "系统出了意外，已记录下来；请把编号 {instance} 告诉社区工作人员。"


class RouteNotFoundError(NotFoundError):
    code = "route_not_found"
    title = "没有这个地址"
    detail = "没有这个地址，请检查网址是否写对。"


class MethodNotAllowedError(NotFoundError):
    code = "method_not_allowed"
    title = "这个地址不支持这种操作"
    detail = "这个地址不支持这种操作。"


class MalformedError(InvalidError):
    code = "malformed"
    title = "内容读不懂"
    detail = "提交的内容格式不对，读不懂，请检查后再提交。"


class TooLargeError(InvalidError):
    code = "too_large"
    title = "内容太大"
    detail = "提交的内容太大，请减小后再提交。"


class RangeUnsatisfiableError(InvalidError):
    code = "range_unsatisfiable"
    title = "没有这一段"
    detail = "文件只有 {byte_size} 字节，没有您要的那一段。"


_ROUTING: Final[Mapping[int, type[DomainError]]] = {
    400: MalformedError,
    401: UnauthenticatedError,
    404: RouteNotFoundError,
    405: MethodNotAllowedError,
    413: TooLargeError,
    429: TooManyError,
    503: UnavailableError,
}


def status_of(error: DomainError | type[DomainError]) -> int:
    """Return the HTTP status a refusal is answered with."""
    return _OWN_STATUS.get(error.code) or STATUS[error.kind]


def document(error: DomainError, instance: str) -> dict[str, Any]:
    """Return the members of the problem document; facts come after the standard members and never replace them."""
    members: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": status_of(error),
        "detail": error.message,
        "instance": instance,
        "code": error.code,
    }
    return members | {name: fact for name, fact in error.facts.items() if name not in members}


def request_id(request: Request) -> str:
    """Return the id this request is logged under."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def problem_response(request: Request, error: DomainError, *, errors: Sequence[Mapping[str, str]] = ()) -> Response:
    """Answer a refusal."""
    body = document(error, request_id(request))
    if errors:
        body["errors"] = list(errors)
    headers: dict[str, str] = {}
    if error.kind in {Kind.UNAVAILABLE, Kind.TOO_MANY}:
        headers["Retry-After"] = str(error.facts.get("retry_after_seconds", RETRY_AFTER_SECONDS))
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status_code=status_of(error), media_type=MEDIA_TYPE, headers=headers)


# What pydantic's error types mean, in words for the person who filled in the form. `{…}` come from the error's context.
_WORDS: Final[Mapping[str, str]] = {
    "missing": "这一项必填。",
    "extra_forbidden": "没有这一项，请去掉。",
    "string_too_short": "至少要写 {min_length} 个字。",
    "string_too_long": "最多写 {max_length} 个字。",
    "string_type": "这里应填写文字。",
    "string_pattern_mismatch": "格式不对。",
    "int_type": "这里应填写整数。",
    "int_parsing": "这里应填写整数。",
    "int_from_float": "这里应填写整数，不能有小数。",
    "bool_parsing": "这里应填“是”或“否”（true/false）。",
    "bool_type": "这里应填“是”或“否”（true/false）。",
    "greater_than": "应大于 {gt}。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than": "应小于 {lt}。",
    "less_than_equal": "不能大于 {le}。",
    "enum": "只能是：{expected}。",
    "literal_error": "只能是：{expected}。",
    "uuid_parsing": "编号的格式不对。",
    "uuid_type": "编号的格式不对。",
    "too_short": "至少要有 {min_length} 项。",
    "too_long": "最多 {max_length} 项。",
    "list_type": "这里应是一个列表。",
    "year_out_of_range": "应在 {first} 年到 {last} 年之间。",
    "json_invalid": "不是有效的 JSON。",
    "value_error": "{error}",
}


_SHAPES: Final[Mapping[str, str]] = {
    "date_": "日期的格式不对，应像 2026-05-01 这样写。",
    "datetime_": "日期时间的格式不对，应像 2026-05-01T08:00:00Z 这样写。",
    "timezone_": "日期时间要写明时区，应像 2026-05-01T08:00:00Z 这样写。",
    "time_": "时间的格式不对，应像 09:30 这样写。",
}
"""What a date or a time looks like, by how pydantic's error types begin."""

_PARTS: Final = frozenset({"body", "query", "path", "header", "cookie"})


def place(location: Sequence[object]) -> dict[str, str]:
    """Return where a validation error is: the part of the request, and an RFC 6901 pointer into that part."""
    head, *rest = [str(part) for part in location] or ["body"]
    part, names = (head, rest) if head in _PARTS else ("body", [head, *rest])
    return {"in": part, "pointer": "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in names)}


def explain(error: Mapping[str, Any]) -> dict[str, str]:
    """Return one validation error as its place, machine type and Chinese sentence."""
    kind = str(error["type"])
    context = {name: str(value) for name, value in (error.get("ctx") or {}).items()}
    if "expected" in context:
        # pydantic says it in English: 'draft', 'on_sale' or 'withdrawn'.
        context["expected"] = context["expected"].replace(" or ", ", ").replace(", ", "、").replace("'", "")
    words = next((words for start, words in _SHAPES.items() if kind.startswith(start)), None)
    if words is None:
        try:
            words = _WORDS.get(kind, "填写不对。").format(**context)
        except KeyError:
            words = "填写不对。"
    return {**place(error["loc"]), "type": kind, "detail": words}


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    return problem_response(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [explain(e) for e in error.errors()]
    if [e["type"] for e in errors] == ["json_invalid"]:
        return problem_response(request, MalformedError(), errors=errors)
    return problem_response(request, ValidationError(count=len(errors)), errors=errors)


async def _misrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    meaning = _ROUTING.get(error.status_code, MalformedError)
    response = problem_response(request, meaning())
    response.headers.update(error.headers or {})
    return response


async def _away(request: Request, error: Exception) -> Response:
    log.warning("redis_away", path=request.url.path, error=str(error))
    return problem_response(request, UnavailableError())


def install(app: FastAPI, database: Database | None = None) -> None:
    """Make an app answer every failure as a problem: refusals, validation, routing, constraint violations, the unexpected."""

    async def driver(request: Request, error: Exception) -> Response:
        refusal = refusal_for(database, error) if database is not None else None
        if refusal is None:
            return await unexpected(request, error)
        return problem_response(request, refusal)

    async def unexpected(request: Request, error: Exception) -> Response:
        instance = request_id(request)
        log.error("unexpected", path=request.url.path, request_id=instance, exc_info=error)
        return problem_response(request, UnexpectedError(instance=instance))

    handlers = {
        DomainError: _refuse,
        RequestValidationError: _invalid,
        HTTPException: _misrouted,
        **dict.fromkeys(DRIVER_ERRORS, driver),
        PoolTimeoutError: driver,
        ConnectionError: driver,
        RedisConnectionError: _away,
        RedisTimeoutError: _away,
        Exception: unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


ALWAYS: Final[tuple[type[DomainError], ...]] = (UnexpectedError, UnavailableError, DatabaseBusyError)
"""What any route may answer; told once in every route's description of itself."""


def problems(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """Return what a route adds to OpenAPI about its refusals: one response per status with every code as an example."""
    by_status: dict[int | str, list[type[DomainError]]] = {}
    for error in errors:
        by_status.setdefault(status_of(error), []).append(error)
    return {status: _response(group) for status, group in sorted(by_status.items(), key=lambda item: str(item[0]))}


def _response(group: Sequence[type[DomainError]]) -> dict[str, Any]:
    examples = {error.code: _example(error) for error in group}  # type: ignore[arg-type]  # a class is hashable.
    return {
        "description": "；".join(dict.fromkeys(error.title for error in group)),
        "content": {MEDIA_TYPE: {"schema": _OF_PROBLEM, "examples": examples}},
    }


_OF_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}


@cache
def _example(error: type[DomainError]) -> dict[str, Any]:
    """Return what a refusal looks like. Hundreds of routes tell the same few: one for all keeps every process smaller."""
    return {
        "summary": error.title,
        "value": {
            "type": f"/problems/{error.code}",
            "title": error.title,
            "status": status_of(error),
            "detail": error.detail,
            "code": error.code,
        },
    }


PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem document; facts of the refusal are further members.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Page that explains the problem."},
        "title": {"type": "string", "description": "Short Chinese title."},
        "status": {"type": "integer", "description": "HTTP status."},
        "detail": {"type": "string", "description": "What is wrong and what to do, in Chinese."},
        "instance": {"type": "string", "description": "Id of the request, for questions to the staff."},
        "code": {"type": "string", "description": "Stable code for programs."},
        "errors": {
            "type": "array",
            "description": "One entry per field that does not fit.",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "type", "detail"],
                "properties": {
                    "in": {
                        "type": "string",
                        "enum": sorted(_PARTS),
                        "description": "Part of the request, as OpenAPI names the place of a parameter; body for the payload.",
                    },
                    "pointer": {
                        "type": "string",
                        "description": "RFC 6901 JSON pointer into that part: /lines/0/quantity in the body, /limit in the query.",
                        "examples": ["/lines/0/quantity"],
                    },
                    "type": {"type": "string", "description": "Machine name of the error."},
                    "detail": {"type": "string", "description": "What to change, in Chinese."},
                },
            },
        },
    },
    "additionalProperties": True,
}


def declare(schema: dict[str, Any]) -> dict[str, Any]:
    """Make a generated OpenAPI document tell the truth about refusals: problem documents everywhere, never another envelope."""
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    components["Problem"] = PROBLEM_SCHEMA
    components.pop("HTTPValidationError", None)
    components.pop("ValidationError", None)
    always = problems(*ALWAYS)
    of_input = problems(MalformedError, ValidationError)
    for operations in schema.get("paths", {}).values():
        for operation in operations.values():
            responses: dict[str, Any] = operation["responses"]
            if "HTTPValidationError" in json.dumps(responses.get("422", {})):
                del responses["422"]
            added = {**always, **(of_input if _takes_input(operation) else {})}
            for status, response in added.items():
                _join(responses.setdefault(str(status), copy.deepcopy(response)), response)
            operation["responses"] = dict(sorted(responses.items()))
    return schema


def _join(told: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add the codes of one response to another of the same status."""
    content = told.setdefault("content", {}).setdefault(MEDIA_TYPE, copy.deepcopy(more["content"][MEDIA_TYPE]))
    content["examples"] = content.get("examples", {}) | more["content"][MEDIA_TYPE]["examples"]


def _takes_input(operation: Mapping[str, Any]) -> bool:
    return bool(operation.get("parameters")) or "requestBody" in operation


def codes_of(operation: Mapping[str, Any]) -> set[str]:
    """Return every problem code an OpenAPI operation declares."""
    return {
        code
        for response in operation["responses"].values()
        for code in response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
    }
