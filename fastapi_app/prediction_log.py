"""Stores each prediction in the warehouse, off the request's path: bounded, and never waited for."""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import psycopg

from fastapi_app.warehouse import WarehouseReader
from mercado.bitcoin.predictions import StoredPrediction
from mercado.errors import MercadoError

logger = logging.getLogger(__name__)
MOST_WAITING: Final = 10_000
BATCH: Final = 500
QUEUE_FULL: Final = "queue_full"
NO_WAREHOUSE: Final = "no_warehouse"
REFUSED: Final = "refused"


class PredictionLog:
    """A queue of predictions. `record` is called by any thread; `flush` by one.

    What cannot be stored because the warehouse does not answer waits; what comes when the queue is full is dropped, and
    counted.

    Args:
        reader: The warehouse.
        most_waiting: Length of the queue.
    """

    def __init__(self, reader: WarehouseReader, *, most_waiting: int = MOST_WAITING) -> None:
        self._reader = reader
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._waiting: dict[UUID, StoredPrediction] = {}
        self.stored_count = 0
        self.dropped: Counter[str] = Counter({QUEUE_FULL: 0, NO_WAREHOUSE: 0, REFUSED: 0})

    @property
    def waiting_count(self) -> int:
        """Return how many predictions wait."""
        return len(self._waiting)

    def record(self, predictions: Sequence[StoredPrediction]) -> None:
        """Let predictions be stored soon; one that waits already waits once."""
        with self._lock:
            if not self._reader.configured:
                self.dropped[NO_WAREHOUSE] += len(predictions)
                return
            for prediction in predictions:
                if prediction.prediction_id in self._waiting:
                    continue
                if len(self._waiting) >= self._most_waiting:
                    self.dropped[QUEUE_FULL] += 1
                else:
                    self._waiting[prediction.prediction_id] = prediction

    def find(self, prediction_id: UUID) -> StoredPrediction | None:
        """Return a prediction that is not stored yet."""
        return self._waiting.get(prediction_id)

    def flush(self) -> None:
        """Store what waits, batch by batch, until nothing does or the warehouse does not answer."""
        while batch := self._oldest():
            try:
                self._store(batch)
            except MercadoError as error:
                logger.warning("%d predictions wait to be stored: %s", self.waiting_count, error)
                return

    def _oldest(self) -> list[StoredPrediction]:
        with self._lock:
            return [prediction for prediction, _ in zip(self._waiting.values(), range(BATCH), strict=False)]

    def _store(self, batch: list[StoredPrediction]) -> None:
        try:
            self._reader.store(batch)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(batch) > 1:
                for prediction in batch:
                    self._store([prediction])
                return
            self.dropped[REFUSED] += 1
            logger.error("prediction %s is refused by the warehouse: %s", batch[0].prediction_id, error)
        else:
            self.stored_count += len(batch)
        self._forget(batch)

    def _forget(self, batch: list[StoredPrediction]) -> None:
        with self._lock:
            for prediction in batch:
                # Gone already if, as the process ends, a flush that hung goes on beside the last one.
                self._waiting.pop(prediction.prediction_id, None)
