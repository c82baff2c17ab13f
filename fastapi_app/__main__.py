"""Run the API: ``python -m fastapi_app --host 127.0.0.1 --port 8000``."""

import argparse
import socket
import sys
from typing import Any, Final

import uvicorn

from fastapi_app.settings import ApiSettings

KEEP_ALIVE_SECONDS: Final = 30
SHUTDOWN_SECONDS: Final = 10
# A client that takes nothing of its answer for so long is cut off: it would hold the answer's memory for good.
DEAF_SECONDS: Final = 15
LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
SERVING: Final[dict[str, Any]] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "none",
    "access_log": False,  # `fastapi_app.observing` logs requests, with their ids
    "server_header": False,
    "proxy_headers": False,
    "log_config": LOGGING,
    "timeout_keep_alive": KEEP_ALIVE_SECONDS,
    "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
}


def main() -> None:
    """Serve until a signal comes; one JSON object a line is logged to standard error."""
    parser = argparse.ArgumentParser(prog="python -m fastapi_app", description="Serve Mercado's forecasts.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default %(default)s)")
    options = parser.parse_args()
    config = uvicorn.Config(
        "fastapi_app.main:create_app",
        factory=True,
        host=options.host,
        port=options.port,
        **serving(ApiSettings.read().proxies()),
    )
    server = uvicorn.Server(config)
    server.run(sockets=[_listener(config)])
    if not server.started:
        sys.exit(1)


def serving(proxies: list[str]) -> dict[str, Any]:
    """Return uvicorn's options.

    A client's address is that of its connection. Only a connection from one of ``proxies``, addresses or networks, may
    state another by X-Forwarded-For: anybody else would write there whatever escapes the limit on requests.
    """
    return SERVING | {"proxy_headers": bool(proxies), "forwarded_allow_ips": proxies}


def _listener(config: uvicorn.Config) -> socket.socket:
    listener = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; each accepted connection inherits it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAF_SECONDS * 1000)
    return listener


if __name__ == "__main__":
    main()
