"""OpenTelemetry traces of requests, where a collector is named; without one its exporter is not even imported."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from opentelemetry import trace

SERVICE: Final = "mercado-api"
PREFIX: Final = "mercado."


class Tracing:
    """Sends a span for each request, but for health checks and metrics, to a collector.

    Args:
        endpoint: Base address of a collector that speaks OTLP over HTTP, such as ``http://127.0.0.1:4318``.
    """

    def __init__(self, endpoint: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))

    def add_to(self, app: FastAPI) -> None:
        """Trace the requests of ``app``, from the outside."""
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
        from opentelemetry.util.http import ExcludeList

        app.add_middleware(
            OpenTelemetryMiddleware,
            tracer_provider=self._provider,
            excluded_urls=ExcludeList(["/health/", "/metrics"]),
            exclude_spans=["receive", "send"],
        )

    def stop(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


def describe_request(name: str, attributes: Mapping[str, Any]) -> None:
    """Name the present span after its route, so that ids in paths make no names of their own, and describe it."""
    span = trace.get_current_span()
    if span.is_recording():
        span.update_name(name)
        span.set_attributes({f"{PREFIX}{key}": value for key, value in attributes.items() if value is not None})
