"""The processes that are measured: `python -m bench.serve direct|one|gateway PORT SERVICE[=URL]…`.

The same applications and servers as in production; only the signing keys are those of the run, because identity is not measured here.
"""

import json
import os
import socket
import sys
from importlib import import_module
from typing import Any

import uvicorn
import uvloop

from launcher.child import SERVICE_OPTIONS
from shared.clock import SystemClock

SECONDS_TO_STOP = 2


async def _jwks() -> dict[str, Any]:
    keys: dict[str, Any] = json.loads(os.environ["BENCH_JWKS"])
    return keys


async def _keys_app(scope: Any, receive: Any, send: Any) -> None:
    """Stand in for identity's published keys, which the gateway asks for."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = os.environ["BENCH_JWKS"].encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def service_app(name: str) -> Any:
    """Build a service's application from the environment."""
    main = import_module(f"services.{name}.main")
    return main.create_app(main.build_runtime(clock=SystemClock(), fetch_jwks=_jwks))


def build(mode: str, services: list[str]) -> Any:
    """Return the application of a mode: one service, the gateway around services in this process, or the gateway alone."""
    if mode == "keys":
        return _keys_app
    if mode == "direct":
        return service_app(services[0])
    from gateway.main import create_app
    from gateway.settings import GatewaySettings

    # All the load comes from one address; accounts keep their usual limit.
    limits = {"address_limit_per_minute": 10**9, "has_access_log": False}
    if mode == "one":
        apps = {name: service_app(name) for name in services} | {"identity": _keys_app}
        return create_app(GatewaySettings(**limits), apps, clock=SystemClock())  # type: ignore[arg-type]  # read from the environment otherwise.
    upstreams = {name: [url] for name, url in (entry.split("=", 1) for entry in services)}
    return create_app(GatewaySettings(**limits, upstreams=upstreams), clock=SystemClock())  # type: ignore[arg-type]


def main() -> None:
    """Serve until the parent closes this process."""
    mode, port, *services = sys.argv[1:]
    door = socket.create_server(("127.0.0.1", int(port)), backlog=2048)
    options = SERVICE_OPTIONS
    if mode in {"one", "gateway"}:
        from gateway.main import SERVER_OPTIONS

        options = SERVER_OPTIONS
    config = uvicorn.Config(
        build(mode, services), **options, lifespan="on", log_config=None, timeout_graceful_shutdown=SECONDS_TO_STOP
    )
    uvloop.run(uvicorn.Server(config).serve(sockets=[door]))


if __name__ == "__main__":
    main()
