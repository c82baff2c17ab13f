"""A closed loop of HTTP/1.1: each of ``concurrency`` kept-alive connections asks again as soon as it is answered.

It speaks just what the servers of the benchmark answer, on the loopback, so that it costs less than any of them.
"""

import asyncio
import gc
import itertools
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
ANSWER_SECONDS = 60
# None of the servers answers as many within a round; it bounds the answers that are kept.
MOST_REQUESTS = 50_000


class BadAnswerError(Exception):
    """A server did not answer a request with 200 and a body of known length."""


@dataclass
class Load:
    """What came of a loop.

    Attributes:
        latencies: Seconds from the writing of each request to the last byte of its answer.
        answers: The position of each request, and the body that answered it.
        seconds: Wall clock of the loop.
        client_seconds: Processor time that the loop itself took.
    """

    latencies: list[float] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    seconds: float = 0.0
    client_seconds: float = 0.0


def http_request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return the bytes of a request with a JSON body, or with none."""
    sent = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{sent}\r\n".encode() + body


def whole_body(received: bytes | bytearray) -> bytes | None:
    """Return the body of an answer, or ``None`` while it has not come whole.

    Raises:
        BadAnswerError: Its status is not 200, it does not announce its length, or more came than that.
    """
    head, separator, body = bytes(received).partition(HEAD_END)
    if not separator:
        return None
    if not head.startswith(b"HTTP/1.1 200 "):
        raise BadAnswerError(f"expected 200: {bytes(received)[:500]!r}")
    _, announced, rest = head.lower().partition(b"content-length:")
    if not announced:
        raise BadAnswerError(f"expected a Content-Length: {head!r}")
    length = int(rest.partition(b"\r\n")[0])
    if len(body) > length:
        raise BadAnswerError(f"expected {length} bytes of body, {len(body)} came")
    return body if len(body) == length else None


def ask_once(port: int, request: bytes) -> bytes:
    """Return the body that answers one request, over a connection of its own.

    Raises:
        BadAnswerError: As `whole_body`, or the server closed the connection.
        OSError: It does not answer.
    """
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(request)
        while (body := whole_body(received)) is None:
            chunk = connection.recv(65536)
            if not chunk:
                raise BadAnswerError("the server closed the connection")
            received += chunk
    return body


def closed_loop(ports: Sequence[int], requests: Sequence[bytes], *, concurrency: int, seconds: float) -> Load:
    """Ask servers of this machine for so many seconds, each by its part of the connections; return what came of it.

    Args:
        ports: Of the servers, on 127.0.0.1.
        requests: Sent in turn.
        concurrency: Connections.
        seconds: After which no request begins; `MOST_REQUESTS` may end the loop before. They begin when each
            connection has been answered once.

    Raises:
        BadAnswerError: As `whole_body`, or the server closed a connection.
        TimeoutError: It did not answer all within `ANSWER_SECONDS` after the end.
    """
    gc.collect()
    gc.disable()  # a collection would be measured as the server's
    try:
        return asyncio.run(_loop(ports, requests, concurrency=concurrency, seconds=seconds))
    finally:
        gc.enable()


async def _loop(ports: Sequence[int], requests: Sequence[bytes], *, concurrency: int, seconds: float) -> Load:
    loop, load = asyncio.get_running_loop(), Load()
    positions = itertools.cycle(range(len(requests)))
    connections = [_Connection(requests, positions) for _ in range(concurrency)]
    async with asyncio.timeout(seconds + ANSWER_SECONDS):
        for connection, port in zip(connections, itertools.cycle(ports), strict=False):
            await loop.create_connection(lambda connection=connection: connection, "127.0.0.1", port)
            await connection.ask(Load(), until=0)  # it is accepted before the clock starts
        started, worked = time.perf_counter(), time.process_time()
        await asyncio.gather(*(connection.ask(load, until=started + seconds) for connection in connections))
        load.seconds, load.client_seconds = time.perf_counter() - started, time.process_time() - worked
    for connection in connections:
        connection.close()
    return load


class _Connection(asyncio.Protocol):
    """One connection of the loop: asks, reads, asks again."""

    def __init__(self, requests: Sequence[bytes], positions: "itertools.cycle[int]") -> None:
        self._requests, self._positions = requests, positions
        self._received = bytearray()
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def ask(self, load: Load, *, until: float) -> None:
        """Ask once, and again until an instant of `time.perf_counter`; put what comes of it into ``load``."""
        self._load, self._until = load, until
        self._done = asyncio.get_running_loop().create_future()
        self._write()
        await self._done

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            body = whole_body(self._received)
        except BadAnswerError as error:
            self._end(error)
            self.close()
            return
        if body is not None:
            self._load.latencies.append(time.perf_counter() - self._asked)
            self._load.answers.append((self._position, body))
            self._received.clear()
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(BadAnswerError(f"the server closed the connection: {exc or 'without an error'}"))

    def _go_on(self) -> None:
        if time.perf_counter() < self._until and len(self._load.latencies) < MOST_REQUESTS:
            self._write()
        else:
            self._end(None)

    def _write(self) -> None:
        self._position = next(self._positions)
        self._asked = time.perf_counter()
        self._transport.write(self._requests[self._position])

    def _end(self, error: Exception | None) -> None:
        if self._done.done():
            return
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)
