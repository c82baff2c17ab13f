"""Prometheus metrics of one process: requests by route and model version, model, candles, prediction log."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fastapi_app.follower import ModelFollower
from fastapi_app.latest_forecast import LatestForecast
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.warehouse import WarehouseWatch

BUCKETS: Final = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2.5, 5, 10)
UNKNOWN: Final = "none"
# A client may write any word as method; each label value is kept for ever.
METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
OTHER: Final = "other"


class Telemetry:
    """The metrics that the application itself counts, and the registry that gathers all of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._seconds = Histogram(
            "mercado_api_request_seconds",
            "Time from a request's first byte to the answer's last, by route and the model version that answered.",
            ("method", "route", "model_version"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._answers = Counter(
            "mercado_api_answers",
            "Answers by route and HTTP status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.in_flight = Gauge("mercado_api_requests_in_flight", "Requests being answered.", registry=self.registry)

    def observe(self, *, method: str, route: str, status: int, model_version: str | None, seconds: float) -> None:
        """Count one answer."""
        method = method if method in METHODS else OTHER
        self._seconds.labels(method, route, model_version or UNKNOWN).observe(seconds)
        self._answers.labels(method, route, str(status)).inc()


class ServiceCollector(Collector):
    """What the services know, read when Prometheus asks."""

    def __init__(
        self,
        follower: ModelFollower,
        latest: LatestForecast,
        log: PredictionLog,
        watch: WarehouseWatch,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._follower = follower
        self._latest = latest
        self._log = log
        self._watch = watch
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it is now; what is unknown is left out."""
        yield from self._model()
        yield from self._candles()
        yield from self._predictions()

    def _model(self) -> Iterable[Metric]:
        state, follower = self._follower.state, self._follower
        yield _gauge("model_served", "1 while a model is served.", float(state.served is not None))
        yield _gauge("model_trouble", "1 while the present champion is not served.", float(bool(state.trouble)))
        failed = GaugeMetricFamily(
            "mercado_api_model_failed", "The version that is champion and cannot be served.", labels=["model_version"]
        )
        if state.pending_failure is not None:
            failed.add_metric([str(state.pending_failure.version.version)], 1)
        yield failed
        yield _counter("model_swaps", "Models swapped in.", follower.swap_count)
        yield _counter("model_failures", "Champions that could not be loaded or proved.", follower.failure_count)
        if state.served is not None:
            age = self._now().timestamp() - state.served.version.created_at_ms / 1000
            yield _gauge("model_version", "Version that is served.", state.served.version.version)
            yield _gauge("model_age_seconds", "Time since the served version was registered.", age)

    def _candles(self) -> Iterable[Metric]:
        yield _gauge(
            "warehouse_trouble", "1 while the warehouse cannot be used.", float(bool(self._watch.state.trouble))
        )
        prepared = self._latest.prepared
        if prepared is not None:
            age = (self._now() - prepared.answer.as_of_utc).total_seconds()
            yield _gauge("candle_age_seconds", "Time since the newest candle closed.", age)

    def _predictions(self) -> Iterable[Metric]:
        log = self._log
        yield _gauge("prediction_log_waiting", "Predictions that wait to be stored.", log.waiting_count)
        yield _counter("predictions_stored", "Predictions stored, those known already included.", log.stored_count)
        dropped = CounterMetricFamily(
            "mercado_api_predictions_dropped", "Predictions that are not stored.", labels=["reason"]
        )
        for reason, count in sorted(log.dropped.items()):
            dropped.add_metric([reason], count)
        yield dropped


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"mercado_api_{name}", meaning, value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"mercado_api_{name}", meaning, value)
