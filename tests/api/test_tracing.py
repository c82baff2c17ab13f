"""Traces go to a collector where one is named: each request a span, by route, with the id that the log has."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from tests.api.builders import NOW, FolderRegistry, column_body
from tests.api.client import TestClient


@contextmanager
def running_collector() -> Iterator[tuple[str, list[Span]]]:
    """Yield the address of a collector that speaks OTLP over HTTP, and the spans that it was sent."""
    spans: list[Span] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent = ExportTraceServiceRequest.FromString(body)
            spans.extend(span for part in sent.resource_spans for scope in part.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", spans
        finally:
            server.shutdown()
            thread.join()


def test_requests_are_traced_by_route_and_health_checks_are_not(registry: FolderRegistry) -> None:
    with running_collector() as (address, spans):
        settings = ApiSettings(_env_file=None, OTEL_EXPORTER_OTLP_ENDPOINT=address)
        app = create_app(settings, registry, now=lambda: NOW)
        app.state.services.follower.poll()
        with TestClient(app) as client:
            client.get("/health/live")
            client.post("/predict", json=column_body(), headers={"X-Request-ID": "traced"})
            client.get("/predictions/0f5c8d1e-6a4b-5a87-9f5e-3d5a0a8a1b2c")
    assert sorted(span.name for span in spans) == ["GET /predictions/{prediction_id}", "POST /predict"]
    (post,) = (span for span in spans if span.name == "POST /predict")
    attributes = {item.key: item.value for item in post.attributes}
    assert attributes["mercado.request_id"].string_value == "traced"
    assert attributes["mercado.model_version"].string_value == "1"
