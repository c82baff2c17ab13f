"""The API on a real port, served as ``python -m fastapi_app`` serves it."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from fastapi_app.__main__ import serving
from tests.ports import free_port

START_SECONDS = 10


@contextmanager
def running_server(app: FastAPI, *, proxies: Sequence[str] = ()) -> Iterator[str]:
    """Serve ``app`` on a thread until the block ends, and yield its address; ``proxies`` are believed."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, **serving(list(proxies)) | {"log_config": None}))
    thread = threading.Thread(target=server.run, name="api server")
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < deadline, "the server did not start in time"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
