"""One served model: what follows its alias, and the newest forecast that it makes."""

import math
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

from fastapi_app.follower import ModelFollower
from fastapi_app.latest_forecast import LatestForecast
from fastapi_app.model_source import ModelSource
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.repeating import attempt
from fastapi_app.served_model import ServedModel
from fastapi_app.warehouse import WarehouseReader
from mercado.errors import ModelNotReadyError
from mercado.series import Series


class ServedSeries:
    """A model that is followed, with its candles and its newest forecast. `poll` and `refresh` have one thread each.

    Args:
        source: Of the model's versions.
        reader: Reads the candles.
        log: Is told of each new prediction.
        now: The present instant, aware, UTC.
        series: What the model has to forecast; ``None``: whatever it does.

    Attributes:
        source: As given.
        follower: Holds the served version.
        latest: Keeps the answer to GET /predict.
        first_look: Done once the alias was looked up, and its version loaded or known to be at fault.
        due: When it is to be looked up next, in seconds of the monotonic clock.
    """

    def __init__(
        self,
        source: ModelSource,
        reader: WarehouseReader,
        log: PredictionLog,
        *,
        now: Callable[[], datetime],
        series: Series | None = None,
    ) -> None:
        self.source = source
        self.follower = ModelFollower(source, now=now)
        self.latest = LatestForecast(self.follower, reader, log, now=now)
        self.follower.before_swap = self._prepare
        self.first_look: Future[None] = Future()
        self.due = time.monotonic()
        self._series = series

    def poll(self, *, every: float) -> None:
        """Look the alias up; it is due again ``every`` seconds later."""
        self.due = math.inf
        attempt(self.follower.poll, f"following {self.source.name}")
        # Whoever asked for another look meanwhile is not forgotten.
        self.due = min(self.due, time.monotonic() + every)

    def tell_waiting(self) -> None:
        """Let those go on that wait for the first look."""
        if not self.first_look.done():
            self.first_look.set_result(None)

    def refresh(self) -> None:
        """Make the newest forecast anew if the candles are others."""
        attempt(self.latest.refresh, f"the newest forecast of {self.source.name}")

    def release(self) -> None:
        """Let go of what leads back here, so that the memory is free as soon as no request uses it any more."""
        self.follower.before_swap = _nothing

    def _prepare(self, served: ServedModel) -> None:
        if self._series not in (None, served.series):
            raise ModelNotReadyError(
                f"it forecasts {served.series}, expected {self._series}: register it under that series' name, and "
                f"promote another version of this one."
            )
        self.latest.prepare(served)


def _nothing(_: ServedModel) -> None:
    pass
