"""Prometheus metrics of one process: requests by route and model version, models, candles, prediction log.

Models are told apart by their names, of which there are as many as series are configured.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fastapi_app.models import Models
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.served_series import ServedSeries
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
            "Time from a request's first byte to the answer's last, by route and the model and version that answered.",
            ("method", "route", "model", "model_version"),
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

    def observe(
        self, *, method: str, route: str, status: int, model: str | None, model_version: str | None, seconds: float
    ) -> None:
        """Count one answer."""
        method = method if method in METHODS else OTHER
        self._seconds.labels(method, route, model or UNKNOWN, model_version or UNKNOWN).observe(seconds)
        self._answers.labels(method, route, str(status)).inc()


def _version(each: ServedSeries) -> float | None:
    served = each.follower.state.served
    return None if served is None else served.version.version


Value = Callable[[ServedSeries], float | None]
GAUGES: Final[dict[str, tuple[str, Value]]] = {
    "model_served": ("1 while a model is served.", lambda each: each.follower.state.served is not None),
    "model_trouble": ("1 while the present champion is not served.", lambda each: bool(each.follower.state.trouble)),
    "model_version": ("Version that is served.", _version),
}
COUNTERS: Final[dict[str, tuple[str, Value]]] = {
    "model_swaps": ("Versions swapped in since the model came into memory.", lambda each: each.follower.swap_count),
    "model_failures": ("Champions that could not be loaded or proved.", lambda each: each.follower.failure_count),
}
AGE: Final = ("model_age_seconds", "Time since the served version was registered.")
CANDLE_AGE: Final = ("candle_age_seconds", "Time since the newest candle closed.")


class ServiceCollector(Collector):
    """What the services know, read when Prometheus asks."""

    def __init__(
        self, models: Models, log: PredictionLog, watch: WarehouseWatch, *, now: Callable[[], datetime]
    ) -> None:
        self._models = models
        self._log = log
        self._watch = watch
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it is now; what is unknown is left out."""
        followed = list(self._models.followed().values())
        in_memory = len(self._models.in_memory())
        yield _gauge("models_in_memory", "Models that are loaded or being loaded, with the default one.", in_memory)
        yield _counter("models_dropped", "Models that made room for another.", self._models.others.dropped_count)
        for name, (meaning, value) in GAUGES.items():
            yield _of_each(GaugeMetricFamily, name, meaning, followed, value)
        for name, (meaning, value) in COUNTERS.items():
            yield _of_each(CounterMetricFamily, name, meaning, followed, value)
        yield _of_each(GaugeMetricFamily, *AGE, followed, self._model_age)
        yield _of_each(GaugeMetricFamily, *CANDLE_AGE, followed, self._candle_age)
        yield self._failed(followed)
        trouble = bool(self._watch.state.trouble)
        yield _gauge("warehouse_trouble", "1 while the warehouse cannot be used.", float(trouble))
        yield from self._predictions()

    def _model_age(self, each: ServedSeries) -> float | None:
        served = each.follower.state.served
        return None if served is None else self._now().timestamp() - served.version.created_at_ms / 1000

    def _candle_age(self, each: ServedSeries) -> float | None:
        prepared = each.latest.prepared
        return None if prepared is None else (self._now() - prepared.answer.as_of_utc).total_seconds()

    def _failed(self, kept: list[ServedSeries]) -> Metric:
        metric = GaugeMetricFamily(
            "mercado_api_model_failed",
            "The version that is champion and cannot be served.",
            labels=["model", "model_version"],
        )
        for each in kept:
            if (failure := each.follower.state.pending_failure) is not None:
                metric.add_metric([each.source.name, str(failure.version.version)], 1)
        return metric

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


def _of_each(
    family: type[GaugeMetricFamily | CounterMetricFamily],
    name: str,
    meaning: str,
    kept: list[ServedSeries],
    value: Value,
) -> Metric:
    """Return a metric that has a value for each model of which it is known."""
    metric = family(f"mercado_api_{name}", meaning, labels=["model"])
    for each in kept:
        if (known := value(each)) is not None:
            metric.add_metric([each.source.name], float(known))
    return metric


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"mercado_api_{name}", meaning, value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"mercado_api_{name}", meaning, value)
