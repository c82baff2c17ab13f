"""The answer to GET /predict: made once for each new candle and each new model, then given from memory.

Neither PostgreSQL nor MLflow is asked while a request waits. While the warehouse does not answer, the last candles that
were read go on to be forecast from, by a new champion too; the answer says itself from when it is stale.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from fastapi_app.follower import ModelFollower
from fastapi_app.forecast_answer import ForecastAnswer
from fastapi_app.forecasting import forecast_latest
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.served_model import ServedModel
from fastapi_app.warehouse import CandleMark, LatestCandles, WarehouseReader
from mercado.errors import MercadoError, ModelNotReadyError
from mercado.series import Series


@dataclass(frozen=True)
class Representation:
    """One form of an answer.

    Attributes:
        body: JSON.
        etag: Changes when the body does.
    """

    body: bytes
    etag: str


@dataclass(frozen=True)
class ReadCandles:
    """The newest candles, as they were last read.

    Attributes:
        series: Of which they are.
        mark: Tells whether they are still the newest.
        candles: The candles.
    """

    series: Series
    mark: CandleMark
    candles: LatestCandles


@dataclass(frozen=True)
class PreparedForecast:
    """An answer, ready to be sent.

    Attributes:
        answer: While it is fresh.
        fresh: That answer.
        stale: The same, once it is stale.
        served: The model that made it.
        read: What it was made from.
    """

    answer: ForecastAnswer
    fresh: Representation
    stale: Representation
    served: ServedModel
    read: ReadCandles

    @classmethod
    def of(cls, answer: ForecastAnswer, served: ServedModel, read: ReadCandles) -> Self:
        """Return both forms of ``answer``."""
        fresh, stale = (
            Representation(
                answer.model_copy(update={"stale": is_stale}).model_dump_json().encode(),
                f'"{answer.prediction_id.hex}{"-stale" if is_stale else ""}"',
            )
            for is_stale in (False, True)
        )
        return cls(answer, fresh, stale, served, read)

    def is_of(self, served: ServedModel, read: ReadCandles) -> bool:
        """Return whether it is what this model makes of these candles."""
        return self.read is read and self.served.forecaster is served.forecaster

    def at(self, now: datetime) -> Representation:
        """Return the form that is true ``now``."""
        return self.stale if now >= self.answer.stale_from_utc else self.fresh


class LatestForecast:
    """Keeps the answer current. `refresh` and `prepare` may be called by several threads; `require` by any.

    Args:
        follower: Holds the served model.
        reader: Reads the candles.
        log: Is told of each new prediction.
        now: The present instant, aware, UTC.
    """

    def __init__(
        self, follower: ModelFollower, reader: WarehouseReader, log: PredictionLog, *, now: Callable[[], datetime]
    ) -> None:
        self._follower = follower
        self._reader = reader
        self._log = log
        self._now = now
        self._lock = threading.Lock()
        self._read: ReadCandles | None = None
        self._trouble: MercadoError | None = None
        self._prepared: PreparedForecast | None = None

    @property
    def prepared(self) -> PreparedForecast | None:
        """Return the answer, or ``None`` while there is none."""
        return self._prepared

    def refresh(self) -> None:
        """Make the answer anew if the newest candles are others; called again and again by one thread."""
        served = self._follower.state.served
        if served is not None:
            self._read_candles(served)
            self._forecast(served)

    def prepare(self, served: ServedModel) -> None:
        """Make the answer of a model that is about to be served; what stands in the way is told by `require`.

        The warehouse is asked only when no candles of its series were read before: a new champion need not wait for it.
        """
        if self._read is None or self._read.series != served.series:
            self._read_candles(served)
        self._forecast(served)

    def require(self) -> PreparedForecast:
        """Return the answer.

        Raises:
            MercadoError: There is none; says why.
        """
        prepared = self._prepared
        if prepared is not None:
            return prepared
        self._follower.state.require_served()
        raise self._trouble or ModelNotReadyError("The first forecast is being made: ask again in a second.")

    def _read_candles(self, served: ServedModel) -> None:
        # Without the lock: a warehouse that hangs must not hold up a new champion's `prepare`.
        series, known = served.series, self._read
        try:
            mark = self._reader.mark(series.symbol, series.interval)
            if known is None or (known.series, known.mark) != (series, mark):
                self._read = ReadCandles(series, mark, self._reader.latest(series.symbol, series.interval))
        except MercadoError as error:
            self._trouble = _kept(error)
        else:
            self._trouble = None

    def _forecast(self, served: ServedModel) -> None:
        with self._lock:
            read, prepared = self._read, self._prepared
            if prepared is not None and prepared.served.loaded_at > served.loaded_at:
                return  # the next champion's answer is there already; this one is served for an instant more
            if read is None or read.series != served.series:
                self._prepared = None
            elif prepared is None or not prepared.is_of(served, read):
                self._prepared = self._made(served, read)

    def _made(self, served: ServedModel, read: ReadCandles) -> PreparedForecast | None:
        try:
            answer, prediction = forecast_latest(read.candles, served, now=self._now())
        except MercadoError as error:
            self._trouble = _kept(error)
            return None
        self._log.record([prediction])
        return PreparedForecast.of(answer, served, read)


def _kept(error: MercadoError) -> MercadoError:
    """Return an error without its traceback, whose frames would keep the model in memory after it made room."""
    return error.with_traceback(None)
