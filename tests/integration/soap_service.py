"""A small server that answers as a test says, faults of HTTP and TLS included; the simulator answers as the service."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mercado.errors import SourceError
from mercado.sipsa.client import SipsaClient
from mercado.sipsa.contract import WEEKLY_MARKET_PRICES, Operation
from tests.unit.sipsa.documents import wsdl

PATH = "/sipsaWS/SrvSipsaUpraBeanService"
NOON = datetime(2026, 9, 10, 12, 0, 0, 5, tzinfo=UTC)
Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Service:
    """A small server: answers GET with the WSDL and POST with what a test wants."""

    url: str = ""
    reply: Reply = lambda request: None
    wsdl_reply: Reply = lambda request: send(request, 200, wsdl().encode(), {"Content-Type": "text/xml"})
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def client(self) -> SipsaClient:
        return client_of(f"{self.url}{PATH}?WSDL")

    def fetch_with(self, reply: Reply, folder: Path, operation: Operation = WEEKLY_MARKET_PRICES) -> SourceError:
        """Return the error that an answer leads to."""
        self.reply = reply
        with pytest.raises(SourceError) as caught:
            self.client().fetch(operation, folder)
        return caught.value


def client_of(wsdl_url: str) -> SipsaClient:
    return SipsaClient(wsdl_url, clock=lambda: NOON)


def send(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    request.send_response(status)
    # Each answer is its connection's last, and says so: the client would ask again on one that is about to be closed.
    stated = {"Content-Type": "application/soap+xml", "Content-Length": str(len(body)), "Connection": "close"}
    for name, value in (stated | (headers or {})).items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def replying(status: int, body: bytes = b"", **headers: str) -> Reply:
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: send(request, status, body, stated)


@contextmanager
def running(service: Service, context: ssl.SSLContext | None = None) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            service.wsdl_reply(self)
            self.close_connection = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.posts.append((self.path, dict(self.headers), body))
            service.reply(self)
            self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            """Say nothing: the test cuts connections on purpose."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        service.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield service
        finally:
            service.released.set()
            server.shutdown()
            thread.join()
