"""From latencies to figures: percentiles of a round, medians of interleaved rounds, and what is expected of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import median
from typing import Any

from tests.benchmarks.serving_load import Load

CONCURRENCIES = (1, 10, 50)
OURS, RIVAL = "our API", "mlflow models serve"
GET, POST = "GET /predict", "POST /predict, 1000 candles as columns"
LEAST_RATIO = 10
# Milliseconds: what is asked, the percentile, the concurrency, the limit.
LATENCIES = ((GET, "p99_ms", 10, 10), (POST, "p50_ms", 1, 4), (POST, "p99_ms", 10, 50))


@dataclass(frozen=True)
class Round:
    """One closed loop.

    Attributes:
        requests: Answered.
        requests_per_second: Of all connections together.
        p50_ms: Median latency.
        p99_ms: 99th percentile.
        server_ms: Processor time of the server for each request: what is left of a busy machine's noise.
        client_share: Share of its core that the load generator used; near 1 it is measured itself.
    """

    requests: float
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    server_ms: float
    client_share: float

    @classmethod
    def of(cls, load: Load, *, server_seconds: float) -> "Round":
        """Return the figures of a loop that took the server so many seconds of processor time."""
        return cls(
            requests=len(load.latencies),
            requests_per_second=len(load.latencies) / load.seconds,
            p50_ms=percentile(load.latencies, 50) * 1000,
            p99_ms=percentile(load.latencies, 99) * 1000,
            server_ms=server_seconds / len(load.latencies) * 1000,
            client_share=load.client_seconds / load.seconds,
        )


Measured = dict[str, dict[int, list[Round]]]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many percent of the values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def median_round(rounds: Sequence[Round]) -> Round:
    """Return the median of each figure."""
    return Round(**{each.name: median(getattr(one, each.name) for one in rounds) for each in fields(Round)})


def recorded_rounds(measured: Measured) -> dict[str, dict[str, dict[str, float]]]:
    """Return the medians by what was asked, or who, and by concurrency."""
    return {
        name: {str(concurrency): _rounded(median_round(rounds)) for concurrency, rounds in by_concurrency.items()}
        for name, by_concurrency in measured.items()
    }


def ratios(scoring: Measured) -> dict[str, float]:
    """Return how many times a rival's throughput ours is, at each concurrency: the median of the rounds' ratios."""
    return {
        ratio_name(rival, concurrency): round(median(map(_times, scoring[OURS][concurrency], rounds)), 1)
        for rival, by_concurrency in scoring.items()
        if rival != OURS
        for concurrency, rounds in by_concurrency.items()
    }


def latencies(endpoints: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, float]:
    """Return the latencies that have a target, from `recorded_rounds`."""
    return {
        latency_name(asked, figure, concurrency): endpoints[asked][str(concurrency)][figure]
        for asked, figure, concurrency, _ in LATENCIES
    }


def targets() -> dict[str, str]:
    """Return what is expected, by the names of `latencies` and `ratios`."""
    limits = {latency_name(asked, figure, concurrency): f"< {most}" for asked, figure, concurrency, most in LATENCIES}
    return limits | {ratio_name(RIVAL, concurrency): f">= {LEAST_RATIO}" for concurrency in CONCURRENCIES}


def latency_name(asked: str, figure: str, concurrency: int) -> str:
    """Return the name of a latency that has a target."""
    return f"{asked}: {figure.removesuffix('_ms')} at {concurrency}, ms"


def ratio_name(rival: str, concurrency: int | str) -> str:
    """Return the name of a ratio of throughputs."""
    return f"feature rows: {OURS} / {rival} at {concurrency}"


def _times(ours: Round, theirs: Round) -> float:
    return ours.requests_per_second / theirs.requests_per_second


def _rounded(figures: Round) -> dict[str, Any]:
    digits = {"requests": None, "requests_per_second": 1, "client_share": 2}
    return {name: round(value, digits.get(name, 2)) for name, value in asdict(figures).items()}
