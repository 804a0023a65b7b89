#!/bin/sh
# Starts the part that SERVICE names: gateway, migrate, <service> or <service>-worker.
set -eu
PORT="${PORT:-8000}"
# Services tell /metrics on their own door, which nobody outside reaches; the gateway's is open to all and a worker has none.
case "${SERVICE:-}" in
  gateway | *-worker) export METRICS_ADDRESS="${METRICS_ADDRESS:-0.0.0.0:9000}" ;;
esac
case "${SERVICE:-}" in
  "")
    echo "请用 SERVICE 指定要启动的部分：gateway、migrate、points、points-worker 等。 Set SERVICE to the part to start." >&2
    exit 64
    ;;
  migrate)
    exec python -m deploy.migrate
    ;;
  gateway)
    exec uvicorn gateway.main:build --factory --host 0.0.0.0 --port "$PORT" --http httptools --no-access-log --no-proxy-headers --no-server-header --timeout-graceful-shutdown 8
    ;;
  *-worker)
    exec python -m "services.${SERVICE%-worker}.worker"
    ;;
  *)
    exec uvicorn "services.${SERVICE}.main:build" --factory --host 0.0.0.0 --port "$PORT" --http httptools --no-access-log --no-proxy-headers --no-server-header --timeout-graceful-shutdown 8
    ;;
esac
