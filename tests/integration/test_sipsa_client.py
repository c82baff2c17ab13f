"""Promises of `mercado.sipsa.client` against a real server: whole answers are kept, every other one is told apart."""

import gzip
import hashlib
import re
import resource
import socket
import ssl
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mercado.errors import (
    ConfigurationError,
    SourceContractError,
    SourceError,
    SourceForbiddenError,
    SourceUnavailableError,
    StorageFullError,
)
from mercado.sipsa.contract import MONTHLY_FARM_INPUTS
from mercado.sipsa.contract import WEEKLY_MARKET_PRICES as WEEKLY
from mercado.sipsa.parsing import read_items
from tests.integration.soap_service import NOON, PATH, Reply, Service, client_of, replying, running, send
from tests.ports import free_port
from tests.unit.sipsa.documents import answer, fault, item, texts_of, wsdl

ROWS = [{"artiId": str(number), "artiNombre": "Ñame criollo", "promedioKg": "1666.67"} for number in range(2000)]
WHOLE = answer(WEEKLY, "".join(map(item, ROWS)))


@pytest.fixture
def service() -> Iterator[Service]:
    with running(Service(reply=replying(200, WHOLE))) as one:
        yield one


def kept(folder: Path) -> bytes:
    """Return what came with the only answer in the folder, which must be marked as failed."""
    (file,) = folder.iterdir()
    assert file.name == "promediosSipsaSemanaMadr-20260910T120000.000005Z.failed.xml.gz"
    return gzip.decompress(file.read_bytes())


def test_a_whole_answer_is_kept_hashed_counted_and_readable(service: Service, tmp_path: Path) -> None:
    raw = service.client().fetch(WEEKLY, tmp_path / "raw")
    assert raw.path == tmp_path / "raw" / "promediosSipsaSemanaMadr-20260910T120000.000005Z.xml.gz"
    assert list(raw.path.parent.iterdir()) == [raw.path]
    assert gzip.decompress(raw.path.read_bytes()) == WHOLE
    assert (raw.sha256, raw.byte_count, raw.fetched_at_utc) == (hashlib.sha256(WHOLE).hexdigest(), len(WHOLE), NOON)
    assert texts_of(read_items(raw.path, WEEKLY)) == ROWS


def test_the_call_goes_where_the_wsdl_came_from_whatever_its_address_says(service: Service, tmp_path: Path) -> None:
    assert service.client().fetch(WEEKLY, tmp_path).url == f"{service.url}{PATH}"
    assert [path for path, _, _ in service.posts] == [PATH]


def test_the_request_is_soap_1_2_with_the_argument(service: Service, tmp_path: Path) -> None:
    service.reply = replying(200, answer(MONTHLY_FARM_INPUTS, item({"insumoNombre": "Urea"})))
    service.client().fetch(MONTHLY_FARM_INPUTS, tmp_path)
    ((_, headers, body),) = service.posts
    assert headers["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert b"<arg0>4</arg0>" in body


def test_the_wsdl_is_read_once_and_is_the_contract(service: Service, tmp_path: Path) -> None:
    client = service.client()
    assert client.contract_notes() == []
    service.wsdl_reply = replying(503)
    client.fetch(WEEKLY, tmp_path)


def test_data_of_a_simulator_or_another_host_is_never_called_danes(service: Service) -> None:
    assert service.client().origin() == "127.0.0.1"
    told = {"Content-Type": "text/xml", "X-Mercado-Simulator": "20,000 rows"}
    service.wsdl_reply = lambda request: send(request, 200, wsdl().encode(), told)
    assert service.client().origin() == "simulator: 20,000 rows"


def chunked(request: BaseHTTPRequestHandler, body: bytes, *, end: bytes = b"0\r\n\r\n") -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    request.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n" + end)


def compressed(request: BaseHTTPRequestHandler, body: bytes) -> None:
    send(
        request, 200, gzip.compress(body), {"Content-Encoding": "gzip", "Content-Length": str(len(gzip.compress(body)))}
    )


@pytest.mark.parametrize("way", [chunked, compressed])
def test_an_answer_in_chunks_or_compressed_is_the_same_answer(
    service: Service, tmp_path: Path, way: Callable[[BaseHTTPRequestHandler, bytes], None]
) -> None:
    service.reply = lambda request: way(request, WHOLE)
    assert service.client().fetch(WEEKLY, tmp_path).sha256 == hashlib.sha256(WHOLE).hexdigest()


PAGE = b"<!DOCTYPE html>\n<html><body>Web Services</body></html>"
UNWELCOME: dict[str, tuple[Reply, type[SourceError], str]] = {
    "empty": (replying(200), SourceUnavailableError, "HTTP 200 with an empty answer"),
    "no items": (replying(200, answer(WEEKLY, "")), SourceUnavailableError, "without a single <return>"),
    "a web page": (replying(200, PAGE), SourceContractError, "a web page instead of SOAP"),
    "neither": (replying(200, b'{"rows": []}'), SourceContractError, "expected SOAP, got"),
    "a redirect": (
        replying(301, b"moved", Location="https://elsewhere.example/x"),
        SourceContractError,
        "a redirect to https://elsewhere.example/x, which is never followed",
    ),
    "a fault, 200": (
        replying(200, fault("Receiver", "ORA-12541: no listener")),
        SourceUnavailableError,
        r"HTTP 200 with a SOAP fault \(Receiver\): ORA-12541: no listener",
    ),
    "a fault, 500": (
        replying(500, fault("Receiver", "no connection")),
        SourceUnavailableError,
        r"HTTP 500 with a SOAP fault \(Receiver\): no connection",
    ),
    "a fault of ours": (
        replying(500, fault("Sender", "no such operation")),
        SourceContractError,
        r"HTTP 500 with a SOAP fault \(Sender\): no such operation",
    ),
    "500 without a fault": (replying(500, PAGE), SourceUnavailableError, "HTTP 500: DANE's service is down"),
    "503": (replying(503, PAGE, Retry_After="120"), SourceUnavailableError, r"HTTP 503.*\(Retry-After: 120\)"),
    "429": (replying(429, b"slow down", Retry_After="7"), SourceUnavailableError, r"HTTP 429.*\(Retry-After: 7\)"),
    "415": (replying(415, b"no"), SourceContractError, "HTTP 415: it does not take SOAP 1.2"),
    "404": (replying(404, PAGE), SourceContractError, "HTTP 404, expected 200"),
    "401": (replying(401, b"who?"), SourceForbiddenError, "HTTP 401: the service refuses"),
    "403": (replying(403, b"no"), SourceForbiddenError, "HTTP 403: the service refuses"),
    "451": (replying(451, b"no"), SourceForbiddenError, "HTTP 451: the service refuses"),
    "cut, length known": (
        replying(200, WHOLE[:50_000], Content_Length=str(len(WHOLE))),
        SourceUnavailableError,
        "the answer was cut before its end",
    ),
    "cut, in chunks": (
        lambda request: chunked(request, WHOLE[:50_000], end=b"500\r\n<return>"),
        SourceUnavailableError,
        "the answer was cut before its end",
    ),
    "cut, no length": (
        replying(200, WHOLE[:-20], Content_Length=str(len(WHOLE) - 20)),
        SourceUnavailableError,
        "does not end with </Envelope>",
    ),
    "no gzip": (replying(200, WHOLE, Content_Encoding="gzip"), SourceUnavailableError, "cut before its end"),
}


@pytest.mark.parametrize("case", UNWELCOME)
def test_each_unwelcome_answer_has_its_own_error_and_is_kept(service: Service, tmp_path: Path, case: str) -> None:
    reply, kind, message = UNWELCOME[case]
    error = service.fetch_with(reply, tmp_path)
    assert type(error) is kind
    assert re.search(message, str(error))
    assert str(error).startswith(f"{service.url}{PATH}")
    content = kept(tmp_path)
    assert str(error).endswith(f"What came ({len(content)} bytes) is in {next(tmp_path.iterdir())}.")
    assert len(service.posts) == 1


@pytest.mark.parametrize("case", ["cut, length known", "cut, in chunks"])
def test_what_came_before_the_cut_is_kept(service: Service, tmp_path: Path, case: str) -> None:
    service.fetch_with(UNWELCOME[case][0], tmp_path)
    assert WHOLE.startswith(kept(tmp_path)[:50_000])
    assert len(kept(tmp_path)) >= 50_000 - 16


def test_silence_before_the_answer_is_told_with_its_seconds(service: Service, tmp_path: Path) -> None:
    hurried = replace(WEEKLY, timeout_seconds=1)
    error = service.fetch_with(lambda request: void(service.released.wait(20)), tmp_path, hurried)
    assert isinstance(error, SourceUnavailableError)
    assert "timed out after 1 s of silence" in str(error)
    assert list(tmp_path.iterdir()) == []


def test_silence_in_the_middle_of_the_answer_is_told_and_what_came_is_kept(service: Service, tmp_path: Path) -> None:
    def stall(request: BaseHTTPRequestHandler) -> None:
        send(request, 200, WHOLE[:70_000], {"Content-Length": str(len(WHOLE))})
        service.released.wait(20)

    error = service.fetch_with(stall, tmp_path, replace(WEEKLY, timeout_seconds=1))
    assert isinstance(error, SourceUnavailableError)
    assert "timed out after 1 s of silence" in str(error)
    assert len(kept(tmp_path)) >= 65_536


def void(_: object) -> None:
    """Take a value and return nothing."""


def test_a_connection_closed_without_an_answer_is_told(service: Service, tmp_path: Path) -> None:
    error = service.fetch_with(lambda request: request.connection.shutdown(socket.SHUT_RDWR), tmp_path)
    assert isinstance(error, SourceUnavailableError)
    assert "closed without an answer" in str(error)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"http://127.0.0.1:{free_port()}{PATH}?WSDL", "no connection"),
        ("http://no-such-host.invalid/x?WSDL", "name is not known"),
    ],
)
def test_no_server_is_told_from_no_such_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(SourceUnavailableError, match=message):
        client_of(url).fetch(WEEKLY, tmp_path)


def test_a_wsdl_that_moved_or_is_busy_is_told_like_any_answer(service: Service, tmp_path: Path) -> None:
    service.wsdl_reply = replying(302, Location="https://elsewhere.example/")
    with pytest.raises(SourceContractError, match=r"\?WSDL: HTTP 302, a redirect to https://elsewhere\.example/"):
        service.client().fetch(WEEKLY, tmp_path)
    service.wsdl_reply = replying(503, Retry_After="60")
    with pytest.raises(SourceUnavailableError, match=r"Retry-After: 60"):
        service.client().fetch(WEEKLY, tmp_path)
    service.wsdl_reply = replying(200, PAGE)
    with pytest.raises(SourceContractError, match="expected the WSDL"):
        service.client().fetch(WEEKLY, tmp_path)


def test_plain_http_to_dane_is_refused_before_any_request(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"https://appweb.dane.gov.co{PATH}"):
        client_of(f"http://appweb.dane.gov.co:80{PATH}?WSDL").fetch(WEEKLY, tmp_path)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with a certificate of 127.0.0.1 that nobody else signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "server.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    return file


def test_a_certificate_that_is_not_trusted_is_told(certificate: Path, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running(Service(), context) as service:
        error = service.fetch_with(replying(200, WHOLE), tmp_path / "raw")
    assert isinstance(error, SourceUnavailableError)
    assert "the certificate is not trusted" in str(error)
    assert service.posts == []


def test_a_full_disk_is_told_and_leaves_nothing(service: Service, tmp_path: Path) -> None:
    client = service.client()
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, most))
    try:
        with pytest.raises(StorageFullError, match=r"No space left .* \(File too large\)"):
            client.fetch(WEEKLY, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_call_left_is_removed_by_the_next_one(service: Service, tmp_path: Path) -> None:
    (tmp_path / "promediosSipsaSemanaMadr-20260909T120000.000005Z.part").write_bytes(b"half")
    other = tmp_path / "promediosSipsaCiudad-20260909T120000.000005Z.part"
    other.write_bytes(b"of a call under way")
    raw = service.client().fetch(WEEKLY, tmp_path)
    assert set(tmp_path.iterdir()) == {raw.path, other}


def test_memory_does_not_grow_with_the_answer(service: Service, tmp_path: Path) -> None:
    rows, opening, closing = item(ROWS[0]).encode() * 1000, *answer(WEEKLY, "|").split(b"|")

    def long(request: BaseHTTPRequestHandler) -> None:
        size = len(opening) + 1000 * len(rows) + len(closing)
        send(request, 200, opening, {"Content-Length": str(size)})
        for _ in range(1000):
            request.wfile.write(rows)
        request.wfile.write(closing)

    service.client().fetch(WEEKLY, tmp_path / "short")
    service.reply = long
    tracemalloc.start()
    assert service.client().fetch(WEEKLY, tmp_path / "long").byte_count > 90_000_000
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 3_000_000
