"""The prediction log: never in a request's way, bounded, and nothing is lost without being counted."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import psycopg
import pytest

from fastapi_app.prediction_log import BATCH, NO_WAREHOUSE, QUEUE_FULL, REFUSED, PredictionLog
from fastapi_app.warehouse import WarehouseReader
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.predictions import StoredPrediction
from mercado.errors import MercadoError, SchemaOutdatedError, ServiceUnavailableError, StorageFullError
from mercado.registry import ModelVersion
from tests.api.builders import generate_candles


@dataclass
class Table:
    """A table of predictions that stores a batch whole or not at all, as a transaction does.

    Attributes:
        trouble: What is raised instead of storing.
        refused: Ids that break a rule of the table.
        rows: What is stored.
        gate: Storing waits for it.
    """

    trouble: MercadoError | None = None
    refused: set[UUID] = field(default_factory=set)
    rows: dict[UUID, StoredPrediction] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    configured: bool = True

    def __post_init__(self) -> None:
        self.gate.set()

    def store(self, predictions: Sequence[StoredPrediction]) -> None:
        self.gate.wait(30)
        if self.trouble is not None:
            raise self.trouble
        if any(prediction.prediction_id in self.refused for prediction in predictions):
            raise psycopg.errors.CheckViolation("violates check constraint")
        for prediction in predictions:
            self.rows.setdefault(prediction.prediction_id, prediction)


@pytest.fixture(scope="module")
def prediction(forecaster: Forecaster) -> StoredPrediction:
    candles, version = generate_candles(1000), ModelVersion("bitcoin-forecaster", 1, "run-1", 0, (), {})
    forecast = forecaster.forecast(candles)
    return StoredPrediction.of(forecast, forecaster, version, candles, kind="given", data_origin="request")


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def log(table: Table) -> PredictionLog:
    return log_into(table)


def log_into(table: Table, *, most_waiting: int = 100_000) -> PredictionLog:
    return PredictionLog(table, most_waiting=most_waiting)  # type: ignore[arg-type]


def several(prediction: StoredPrediction, count: int, *, first: int = 0) -> list[StoredPrediction]:
    """Return predictions that differ in their ids."""
    return [replace(prediction, prediction_id=UUID(int=number)) for number in range(first, first + count)]


def test_what_is_recorded_is_found_at_once_and_stored_at_the_next_flush(
    log: PredictionLog, table: Table, prediction: StoredPrediction
) -> None:
    log.record([prediction])
    assert log.find(prediction.prediction_id) is prediction
    assert table.rows == {}
    log.flush()
    assert table.rows == {prediction.prediction_id: prediction}
    assert log.find(prediction.prediction_id) is None
    assert (log.waiting_count, log.stored_count) == (0, 1)


def test_many_are_stored_in_their_order_whatever_the_size_of_a_batch(
    log: PredictionLog, table: Table, prediction: StoredPrediction
) -> None:
    predictions = several(prediction, 2 * BATCH + 1)
    log.record(predictions)
    log.flush()
    assert list(table.rows.values()) == predictions


def test_one_that_waits_already_waits_once(log: PredictionLog, table: Table, prediction: StoredPrediction) -> None:
    log.record([prediction, prediction])
    log.record([replace(prediction, request_id="a later request")])
    assert log.waiting_count == 1
    log.flush()
    assert table.rows == {prediction.prediction_id: prediction}


def test_one_that_comes_again_after_it_was_stored_changes_nothing(
    log: PredictionLog, table: Table, prediction: StoredPrediction
) -> None:
    for request_id in ("first", "second"):
        log.record([replace(prediction, request_id=request_id)])
        log.flush()
    assert [row.request_id for row in table.rows.values()] == ["first"]


def test_recording_never_waits_for_a_warehouse_that_hangs(
    log: PredictionLog, table: Table, prediction: StoredPrediction
) -> None:
    table.gate.clear()
    log.record([prediction])
    flushing = threading.Thread(target=log.flush)
    flushing.start()
    started = time.monotonic()
    log.record(several(prediction, 1000))
    seconds = time.monotonic() - started
    assert log.find(UUID(int=999)) is not None
    assert table.rows == {}
    table.gate.set()
    flushing.join(10)
    assert seconds < 0.5
    assert len(table.rows) == 1001


def test_a_full_queue_drops_the_newest_and_counts_them(table: Table, prediction: StoredPrediction) -> None:
    log = log_into(table, most_waiting=10)
    log.record(several(prediction, 12))
    log.record(several(prediction, 3))
    assert (log.waiting_count, log.dropped[QUEUE_FULL]) == (10, 2)
    log.flush()
    assert list(table.rows) == [UUID(int=number) for number in range(10)]
    log.record(several(prediction, 1, first=11))
    assert (log.waiting_count, log.dropped[QUEUE_FULL]) == (1, 2)


@pytest.mark.parametrize("trouble", [ServiceUnavailableError, StorageFullError, SchemaOutdatedError])
def test_while_the_warehouse_cannot_store_they_wait_and_afterwards_they_are_stored(
    log: PredictionLog, table: Table, prediction: StoredPrediction, trouble: type[MercadoError]
) -> None:
    table.trouble = trouble("not now")
    log.record(several(prediction, 700))
    for _ in range(3):
        log.flush()
    assert (log.waiting_count, log.stored_count, log.dropped.total()) == (700, 0, 0)
    table.trouble = None
    log.flush()
    assert (len(table.rows), log.waiting_count, log.stored_count) == (700, 0, 700)


def test_a_refused_row_is_counted_and_takes_no_other_with_it(
    log: PredictionLog, table: Table, prediction: StoredPrediction, caplog: pytest.LogCaptureFixture
) -> None:
    table.refused = {UUID(int=3), UUID(int=600)}
    log.record(several(prediction, 700))
    log.flush()
    assert (len(table.rows), log.waiting_count) == (698, 0)
    assert (log.stored_count, log.dropped[REFUSED]) == (698, 2)
    assert f"prediction {UUID(int=3)} is refused by the warehouse" in caplog.text


def test_a_warehouse_that_goes_down_between_single_rows_leads_to_no_count_twice(
    log: PredictionLog, table: Table, prediction: StoredPrediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.refused = {UUID(int=0), UUID(int=9)}
    log.record(several(prediction, 10))
    store = table.store

    def until_down(predictions: Sequence[StoredPrediction]) -> None:
        if predictions[0].prediction_id == UUID(int=5):
            raise ServiceUnavailableError("down")
        store(predictions)

    with monkeypatch.context() as going_down:
        going_down.setattr(table, "store", until_down)
        log.flush()
    assert log.waiting_count == 5
    log.flush()
    assert (len(table.rows), log.stored_count, log.dropped[REFUSED]) == (8, 8, 2)


def test_without_a_warehouse_nothing_waits_and_all_are_counted(prediction: StoredPrediction) -> None:
    log = PredictionLog(WarehouseReader(None))
    log.record(several(prediction, 3))
    log.flush()
    assert (log.waiting_count, log.dropped[NO_WAREHOUSE]) == (0, 3)
    assert log.find(UUID(int=0)) is None


def test_eight_threads_that_record_while_one_flushes_lose_nothing(table: Table, prediction: StoredPrediction) -> None:
    log = log_into(table)
    predictions = several(prediction, 8000)
    recorded = threading.Event()

    def record(first: int) -> None:
        for place in range(first, 8000, 8):
            log.record(predictions[place - 1 : place + 1])  # with the one of another thread

    def flush() -> None:
        while not recorded.is_set():
            log.flush()

    threads = [threading.Thread(target=record, args=(first,)) for first in range(1, 9)]
    flushing = threading.Thread(target=flush)
    for thread in (flushing, *threads):
        thread.start()
    for thread in threads:
        thread.join(30)
    recorded.set()
    flushing.join(30)
    log.flush()
    assert len(table.rows) == 8000
    assert (log.waiting_count, log.dropped.total()) == (0, 0)


def test_every_drop_is_counted_though_eight_threads_drop_at_once(prediction: StoredPrediction) -> None:
    full, without = log_into(Table(), most_waiting=0), PredictionLog(WarehouseReader(None))

    def record() -> None:
        for _ in range(2000):
            full.record([prediction])
            without.record([prediction])

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (full.dropped[QUEUE_FULL], without.dropped[NO_WAREHOUSE]) == (16_000, 16_000)


def test_two_that_flush_at_once_as_when_the_process_ends_do_no_harm(
    log: PredictionLog, table: Table, prediction: StoredPrediction
) -> None:
    table.gate.clear()
    log.record(several(prediction, 10))
    failures: list[BaseException] = []

    def flush() -> None:
        try:
            log.flush()
        except BaseException as error:  # noqa: BLE001 - the test states that there is none
            failures.append(error)

    threads = [threading.Thread(target=flush) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    table.gate.set()
    for thread in threads:
        thread.join(10)
    assert failures == []
    assert (len(table.rows), log.waiting_count) == (10, 0)
