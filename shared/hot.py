"""Routes of the hot paths: declared and documented like any other, served without the general machinery.

Working out dependencies, validation and answer anew for every request costs a route of FastAPI several times what the route itself
does. Here this is worked out once, when the route is made; what such a route may ask for is little: path parameters, one body,
the caller, the request and the response.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from shared.auth import CurrentPrincipal, current_principal
from shared.headers import header_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

    from shared.kernel.principal import Principal

JSON: Final = "application/json"

Answer = Callable[[Request], Awaitable[Response]]
Filler = Callable[["_Asked"], Any]


class _WholeRequest(Request):
    """A request whose body is read at once: it is never streamed to a hot route, and the general way prepares for that."""

    _whole: bytes | None = None

    async def body(self) -> bytes:
        if self._whole is None:
            parts, more = [], True
            while more:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                parts.append(message.get("body", b""))
                more = message.get("more_body", False)
            self._whole = b"".join(parts)
        return self._whole


class _JsonResponse(Response):
    """An answer whose length is known only when it is sent."""

    def __init__(self, status: int) -> None:
        self.status_code, self.body, self.background = status, b"", None
        self.raw_headers = [(b"content-type", JSON.encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*self.raw_headers, (b"content-length", str(len(self.body)).encode())]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(slots=True)
class _Asked:
    """What a hot route's function may ask for."""

    request: Request
    response: Response
    caller: Principal | None
    body: bytes


class HotRoute(APIRoute):
    """A route whose function opens no unit of work: it calls one function of the database, which does idempotency itself.

    Errors: TypeError when the route is made, for a parameter it could not fill.
    """

    answer: Answer
    """Answers a request whose path parameters are known."""

    def get_route_handler(self) -> Answer:  # type: ignore[override]  # Awaitable is what is awaited.
        """Return what fills the function's parameters and writes its answer."""
        hints = get_type_hints(self.endpoint, include_extras=True)
        answer = TypeAdapter(hints.pop("return"))
        fill = {name: self._filler(name, hint) for name, hint in hints.items()}
        wants_caller = CurrentPrincipal in hints.values()
        status = self.status_code or 200
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            response = _JsonResponse(status)
            # Who may not ask is not told what is wrong with the question.
            caller = await current_principal(request) if wants_caller else None
            asked = _Asked(request, response, caller, await request.body())
            response.body = answer.dump_json(await endpoint(**{name: filler(asked) for name, filler in fill.items()}))
            return response

        self.answer = handle
        return handle

    def _filler(self, name: str, hint: Any) -> Filler:
        for kind, filler in _FILLERS:
            if hint == kind:
                return filler
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return _body(TypeAdapter(hint))
        if f"{{{name}}}" in self.path_format:
            return _path(name, TypeAdapter(hint))
        msg = f"{self.path}: a hot route cannot fill {name!r}"
        raise TypeError(msg)


_FILLERS: Final[tuple[tuple[Any, Filler], ...]] = (
    (Request, attrgetter("request")),
    (Response, attrgetter("response")),
    (CurrentPrincipal, attrgetter("caller")),
)


def _body(adapter: TypeAdapter[Any]) -> Filler:
    def fill(asked: _Asked) -> Any:
        data: Any = asked.body
        if not data:
            raise RequestValidationError([{"type": "missing", "loc": ("body",), "msg": "Field required"}])
        media_type = header_of(asked.request.scope, b"content-type") or ""
        if media_type == JSON or media_type.partition(";")[0].strip().lower() == JSON:
            try:
                return adapter.validate_json(data)
            except ValidationError:
                data = _read_json(data)  # What is wrong with it is told as everywhere else.
        try:
            return adapter.validate_python(data, from_attributes=True)
        except ValidationError as error:
            raise RequestValidationError(_at("body", error)) from error

    return fill


def _read_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        at = getattr(error, "pos", 0)
        raise RequestValidationError([{"type": "json_invalid", "loc": ("body", at), "msg": str(error)}]) from error


def _path(name: str, adapter: TypeAdapter[Any]) -> Filler:
    def fill(asked: _Asked) -> Any:
        try:
            return adapter.validate_python(asked.request.path_params[name])
        except ValidationError as error:
            raise RequestValidationError(_at("path", error, name)) from error

    return fill


def _at(place: str, error: ValidationError, *inside: str) -> list[dict[str, Any]]:
    return [{**one, "loc": (place, *inside, *one["loc"])} for one in error.errors()]


class HotPaths:
    """The layer that hands hot routes their requests; all of a general app's layers would only carry them on.

    `refusals` says how errors are answered, by their class, defects included.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[HotRoute], refusals: Mapping[Any, ExceptionHandler]) -> None:
        self._app = app
        self._routes: dict[tuple[str, str], list[HotRoute]] = {}
        self._refusals = refusals
        for route in routes:
            for method in route.methods or ():
                self._routes.setdefault((method, _end(route.path)), []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request.

        Errors: a defect, after it was answered, so that whoever serves learns of it.
        """
        if scope["type"] == "http":
            path: str = scope["path"]
            for route in self._routes.get((scope["method"], _end(path)), ()):
                if found := route.path_regex.match(path):
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    await self._serve(route, _WholeRequest(scope, receive), send)
                    return
        await self._app(scope, receive, send)

    async def _serve(self, route: HotRoute, request: Request, send: Send) -> None:
        try:
            response = await route.answer(request)
        except Exception as error:
            kind = next(kind for kind in type(error).__mro__ if kind in self._refusals)
            response = await self._refusals[kind](request, error)  # type: ignore[misc, arg-type]  # ours are all asynchronous.
            await response(request.scope, request.receive, send)
            if kind is Exception:
                raise
        else:
            await response(request.scope, request.receive, send)


def _end(path: str) -> str:
    return path.rpartition("/")[2]
