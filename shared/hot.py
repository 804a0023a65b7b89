"""Routes of the hot paths: declared and documented like any other, served without the general machinery.

Working out dependencies, validation and answer anew for every request costs a route of FastAPI several times what the route itself
does. Here this is worked out once, when the route is made; what such a route may ask for is little: path parameters, one body,
the caller, the request and the response.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.auth import CurrentPrincipal, current_principal

JSON: Final = "application/json"


class HotRoute(APIRoute):
    """A route whose function opens no unit of work: it calls one function of the database, which does idempotency itself.

    Errors: TypeError when the route is made, for a parameter it could not fill.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]  # Awaitable is what is awaited.
        """Return what fills the function's parameters and writes its answer."""
        hints = get_type_hints(self.endpoint, include_extras=True)
        answer = TypeAdapter(hints.pop("return"))
        fill = [(name, self._filler(name, hint)) for name, hint in hints.items()]
        status = self.status_code or 200
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            response = Response(status_code=status, media_type=JSON)
            arguments = {name: await filler(request, response) for name, filler in fill}
            body = answer.dump_json(await endpoint(**arguments))
            headers = {name: value for name, value in response.headers.items() if name != "content-length"}
            return Response(body, response.status_code, headers)

        return handle

    def _filler(self, name: str, hint: Any) -> Callable[[Request, Response], Awaitable[Any]]:
        if hint is Request:
            return _request
        if hint is Response:
            return _response
        if hint == CurrentPrincipal:
            return _caller
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return _body(TypeAdapter(hint))
        if f"{{{name}}}" in self.path_format:
            return _path(name, TypeAdapter(hint))
        msg = f"{self.path}: a hot route cannot fill {name!r}"
        raise TypeError(msg)


async def _request(request: Request, _response: Response) -> Request:
    return request


async def _response(_request: Request, response: Response) -> Response:
    return response


async def _caller(request: Request, _response: Response) -> Any:
    return await current_principal(request)


def _body(adapter: TypeAdapter[Any]) -> Callable[[Request, Response], Awaitable[Any]]:
    async def fill(request: Request, _response: Response) -> Any:
        data: Any = await request.body()
        if not data:
            raise RequestValidationError([{"type": "missing", "loc": ("body",), "msg": "Field required"}])
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON:
            try:
                data = json.loads(data)
            except ValueError as error:
                at = getattr(error, "pos", 0)
                raise RequestValidationError(
                    [{"type": "json_invalid", "loc": ("body", at), "msg": str(error)}]
                ) from error
        try:
            return adapter.validate_python(data, from_attributes=True)
        except ValidationError as error:
            raise RequestValidationError(_at("body", error)) from error

    return fill


def _path(name: str, adapter: TypeAdapter[Any]) -> Callable[[Request, Response], Awaitable[Any]]:
    async def fill(request: Request, _response: Response) -> Any:
        try:
            return adapter.validate_python(request.path_params[name])
        except ValidationError as error:
            raise RequestValidationError(_at("path", error, name)) from error

    return fill


def _at(place: str, error: ValidationError, *inside: str) -> list[dict[str, Any]]:
    return [{**one, "loc": (place, *inside, *one["loc"])} for one in error.errors()]
