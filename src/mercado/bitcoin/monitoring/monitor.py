"""A look at the champion of a series: truth, replay, drift and skill, verdict, decision, report.

``join`` → ``replay`` → ``look``, and `mercado.bitcoin.monitoring.record` keeps what was found. Each step reads what it
needs from the warehouse and the registry, so they may run in processes of their own, and each may be repeated.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg

from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.grid import Grid, to_grid
from mercado.bitcoin.monitoring.drift import WindowDrift, drift_alarms, drift_unknowns, measure_drift
from mercado.bitcoin.monitoring.figures import (
    DAY_MS,
    decay_alarms,
    decay_unknowns,
    judged_forecasts,
    performances,
)
from mercado.bitcoin.monitoring.finding import Finding, WatchedSeries
from mercado.bitcoin.monitoring.reference import DriftReference
from mercado.bitcoin.monitoring.replay import replay
from mercado.bitcoin.monitoring.rules import MonitoringRules, decide, verdict_of
from mercado.bitcoin.monitoring.runs import latest_retraining, latest_training, unknown_truths
from mercado.bitcoin.monitoring.truth import JoinCounts, join_truth
from mercado.bitcoin.store import read_candles
from mercado.errors import ModelNotReadyError, NotEnoughDataError
from mercado.registry import ModelVersion, Registry
from mercado.warehouse.schema import require_current_schema

WINDOWS_DAYS = (7, 30, 90)


@dataclass(frozen=True)
class Served:
    """A champion as it is served.

    Attributes:
        version: Of the registry.
        forecaster: The model.
        reference: What it learned from, or why that is not known.
    """

    version: ModelVersion
    forecaster: Forecaster
    reference: DriftReference | ModelNotReadyError

    @property
    def trained_before_ms(self) -> int:
        """Return the instant before which the last candle opens that its training read, labels included."""
        bars = self.forecaster.horizon_bars + 1
        return self.forecaster.training_last_ms + bars * self.forecaster.interval.milliseconds


@dataclass(frozen=True)
class Monitor:
    """The steps of a look, and what they need.

    Attributes:
        connection: Open connection to the warehouse, owned by the caller.
        tracking_uri: The MLflow server.
        series: Whose champion is watched.
        rules: Thresholds.
        windows_days: Lengths of the windows in which forecasts are judged.
        until_ms: Candles that close later are not looked at, milliseconds since the epoch, UTC; ``None``: all are.
    """

    connection: psycopg.Connection
    tracking_uri: str
    series: WatchedSeries
    rules: MonitoringRules = field(default_factory=MonitoringRules)
    windows_days: tuple[int, ...] = WINDOWS_DAYS
    until_ms: int | None = None

    def join(self) -> JoinCounts:
        """Join the truth to the predictions of the series.

        Raises:
            SchemaOutdatedError: Run `mercado migrate` first.
        """
        require_current_schema(self.connection)
        return join_truth(self.connection, self.series.symbol, self.series.interval)

    def replay(self) -> int:
        """Store what the champion would have forecast where nobody asked, join the truth, and return how many.

        Raises:
            ModelNotReadyError: There is no champion.
            NotEnoughDataError: No candle is stored.
            ServiceUnavailableError: MLflow does not answer.
        """
        with self._served() as served:
            grid = self._grid()
            start_ms = max(served.trained_before_ms, _until_ms(grid) - max(self.windows_days) * DAY_MS)
            count = replay(self.connection, served.forecaster, served.version, grid, start_ms=start_ms)
        self.join()
        return count

    def look(self, *, started_by: str, now: datetime) -> Finding:
        """Measure drift and skill, judge both, and decide; nothing is written.

        Args:
            started_by: Who asks; a training that an earlier look of the same started does not count.
            now: Aware.

        Raises:
            ModelNotReadyError: There is no champion.
            NotEnoughDataError: No candle is stored.
            ServiceUnavailableError: MLflow does not answer.
        """
        with self._served() as served:
            return self._look(served, self._grid(), started_by=started_by, now=now)

    def _look(self, served: Served, grid: Grid, *, started_by: str, now: datetime) -> Finding:
        version, until_ms = served.version, _until_ms(grid)
        start_ms = until_ms - max(self.windows_days) * DAY_MS
        reference = served.reference if isinstance(served.reference, DriftReference) else None
        windows = measure_drift(reference, grid) if reference else []
        forecasts = judged_forecasts(
            self.connection,
            self.series.symbol,
            self.series.interval,
            version,
            trained_before_ms=served.trained_before_ms,
            start_ms=start_ms,
            end_ms=until_ms,
        )
        found = performances(
            forecasts,
            version.version,
            self.windows_days,
            self.rules,
            horizon=(self.series.horizon_bars, self.series.interval.milliseconds),
            end_ms=until_ms,
            share_up=reference.share_up if reference else None,
        )
        verdict = verdict_of(
            drift=drift_alarms(windows, self.rules),
            decay=decay_alarms(found, version.version, self.rules),
            unknowns=[*_unknown_input(served, windows), *decay_unknowns(found, version.version, self.rules)],
        )
        starts = [
            latest_retraining(self.connection, self.series, started_by=started_by),
            latest_training(self.tracking_uri, self.series),
        ]
        return Finding(
            series=self.series,
            version=version,
            trained_before_ms=served.trained_before_ms,
            until_ms=until_ms,
            looked_at=now,
            windows=tuple(windows),
            performances=tuple(found),
            forecasts=forecasts,
            unjudged=unknown_truths(self.connection, version, start_ms=start_ms, end_ms=until_ms),
            verdict=verdict,
            decision=decide(verdict, max(filter(None, starts), default=None), self.rules, now=now),
            rules=self.rules,
        )

    def _grid(self) -> Grid:
        """Return the stored candles of the longest window and what its first forecast and features read."""
        interval = self.series.interval
        newest = read_candles(self.connection, self.series.symbol, interval, end_ms=self._end_ms(), last=1)
        if not len(newest):
            raise NotEnoughDataError(f"No candle of {self.series} is stored: run the DAG bitcoin_data_ingestion first.")
        span_ms = max(self.windows_days) * DAY_MS + FEATURE_WINDOW_BARS * interval.milliseconds
        start_ms = int(newest.open_time_ms[0]) - span_ms
        return to_grid(
            read_candles(self.connection, self.series.symbol, interval, start_ms=start_ms, end_ms=self._end_ms())
        )

    def _end_ms(self) -> int | None:
        return None if self.until_ms is None else self.until_ms - self.series.interval.milliseconds + 1

    @contextmanager
    def _served(self) -> Iterator[Served]:
        require_current_schema(self.connection)
        registry = Registry(self.tracking_uri, self.series.model_name)
        version = registry.champion()
        if version is None:
            raise ModelNotReadyError(registry.why_no_champion())
        with tempfile.TemporaryDirectory() as name:
            folder = registry.download(version, Path(name))
            yield Served(version, Forecaster.load(folder), _reference(folder))


def _reference(folder: Path) -> DriftReference | ModelNotReadyError:
    try:
        return DriftReference.read(folder)
    except ModelNotReadyError as error:
        return error


def _unknown_input(served: Served, windows: list[WindowDrift]) -> list[str]:
    if isinstance(served.reference, ModelNotReadyError):
        return [f"Drift is unknown. {served.reference}"]
    return drift_unknowns(windows)


def _until_ms(grid: Grid) -> int:
    return int(grid.series.open_time_ms[-1]) + grid.series.interval.milliseconds
