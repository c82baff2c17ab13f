"""The warehouse as the API uses it: candles, loads and predictions are read, predictions are inserted, nothing else."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.grid import Grid, instant, to_grid
from mercado.bitcoin.predictions import StoredPrediction, store_predictions
from mercado.bitcoin.store import read_candles
from mercado.errors import ConfigurationError, MercadoError, NotEnoughDataError, SchemaOutdatedError
from mercado.warehouse.connection import session_arguments, sql, warehouse_errors
from mercado.warehouse.schema import require_current_schema

PACKAGE: Final = "fastapi_app"
APPLICATION: Final = "mercado api"
MOST_CONNECTIONS: Final = 4
# A request waits so long for a connection; a server that comes back is found by the next request.
CONNECTION_PATIENCE_SECONDS: Final = 3.0
STATEMENT_TIMEOUT: Final = " -c statement_timeout=10s"
# Longer than any statement: a server that is merely slow ends it by itself.
HANG_SECONDS: Final = 15.0
Row = dict[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True)
class LatestCandles:
    """The newest closed candles of a series.

    Attributes:
        series: Exactly 1000 bars on the regular grid.
        filled_count: Bars among them that the exchange lacks.
        origin: Where the newest candle came from, in the words of its load.
    """

    series: CandleSeries
    filled_count: int
    origin: str


@dataclass(frozen=True)
class CandleMark:
    """What changes when the newest 1000 candles of a series change.

    Attributes:
        newest_open_ms: Open time of the newest candle, milliseconds since the epoch, UTC; ``None`` without candles.
        newest_load_id: The latest load that wrote one of them.
    """

    newest_open_ms: int | None
    newest_load_id: int | None


class WarehouseReader:
    """Works as the role ``api_reader``, over a few connections that are kept; from any thread.

    Every method raises `ConfigurationError` when no warehouse is configured, `ServiceUnavailableError` when it does not
    answer, and `SchemaOutdatedError` when it lacks a table, or the API may not use it.

    Args:
        url: Of the warehouse, or ``None`` when none is configured: only forecasts from given candles work then.
    """

    def __init__(self, url: SecretStr | None) -> None:
        self._url = url
        self._pool = _pool(url) if url is not None else None

    @property
    def configured(self) -> bool:
        """Return whether there is a warehouse at all."""
        return self._pool is not None

    def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            self._pool.close()

    def mark(self, symbol: str, interval: CandleInterval) -> CandleMark:
        """Return what tells whether the newest candles are still the same, without reading them."""
        values = {"symbol": symbol, "interval": interval.value, "bars": FEATURE_WINDOW_BARS}
        with self._connection() as connection:
            row = connection.execute(sql(PACKAGE, "candle_mark"), values).fetchone()
        return CandleMark(*row) if row else CandleMark(None, None)

    def latest(self, symbol: str, interval: CandleInterval) -> LatestCandles:
        """Return the newest 1000 bars, with the ones that the exchange lacks filled.

        Raises:
            NotEnoughDataError: Fewer than 1000 candles are stored.
        """
        with self._connection() as connection:
            stored = read_candles(connection, symbol, interval, last=FEATURE_WINDOW_BARS)
            if len(stored) < FEATURE_WINDOW_BARS:
                raise NotEnoughDataError(
                    f"{len(stored)} candles of {symbol} {interval} are stored, a forecast needs {FEATURE_WINDOW_BARS}: "
                    f"run the DAG bitcoin_data_ingestion, or `mercado bitcoin download`."
                )
            origin = _origin(connection, symbol, interval, open_time_ms=int(stored.open_time_ms[-1]))
        grid = to_grid(stored)[-FEATURE_WINDOW_BARS:]
        return LatestCandles(grid.series, int(grid.missing.sum()), origin)

    def between(self, symbol: str, interval: CandleInterval, *, start_ms: int, end_ms: int) -> tuple[Grid, str]:
        """Return the stored candles that open in ``[start_ms, end_ms)`` on the grid, and where the last came from.

        Raises:
            NotEnoughDataError: None is stored there.
        """
        with self._connection() as connection:
            stored = read_candles(connection, symbol, interval, start_ms=start_ms, end_ms=end_ms)
            if not len(stored):
                raise NotEnoughDataError(f"No candle of {symbol} {interval} is stored in the time that was asked for.")
            origin = _origin(connection, symbol, interval, open_time_ms=int(stored.open_time_ms[-1]))
        return to_grid(stored), origin

    def prediction(self, prediction_id: UUID) -> Row | None:
        """Return a stored prediction with what came true, or ``None``."""
        return next(iter(self._rows("prediction", {"prediction_id": prediction_id})), None)

    def loads_of(self, prediction: Row) -> list[Row]:
        """Return the loads that wrote the candles that a prediction read, with their raw answers, oldest first."""
        names = ("symbol", "interval", "first_open_utc", "as_of_utc")
        return self._rows("candle_loads", {name: prediction[name] for name in names})

    def read(self, work: Callable[[psycopg.Connection], Result]) -> Result:
        """Return what ``work`` reads of a connection, which it must not keep.

        Raises:
            InvalidQueryError: As the functions of `mercado.marts`.
        """
        with self._connection() as connection:
            return work(connection)

    def store(self, predictions: Sequence[StoredPrediction]) -> None:
        """Insert predictions; those that are stored already stay as they are."""
        with self._connection() as connection:
            store_predictions(connection, predictions)

    def require_current_schema(self) -> None:
        """Return when the warehouse answers and has the schema that this code needs."""
        with self._connection() as connection:
            require_current_schema(connection)

    def _rows(self, name: str, values: Row) -> list[Row]:
        with self._connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(sql(PACKAGE, name), values).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        if self._url is None or self._pool is None:
            raise ConfigurationError(
                "No warehouse is configured: set MERCADO_API_WAREHOUSE_URL, or API_READER_PASSWORD and POSTGRES_PORT. "
                "POST /predict works without."
            )
        self._pool.open()
        try:
            with (
                warehouse_errors(self._url),
                self._pool.connection() as connection,
                _cut_off(connection, after_seconds=HANG_SECONDS),
            ):
                yield connection
        except psycopg.ProgrammingError as error:
            raise SchemaOutdatedError(
                f"The API cannot use the warehouse ({str(error).splitlines()[0]}): run `mercado migrate`, which makes "
                f"the tables and lets api_reader use them."
            ) from error


@dataclass(frozen=True)
class WarehouseState:
    """What stands in the way of GET /predict, at one instant.

    Attributes:
        trouble: One line, or ``None`` when nothing does.
        outdated: The schema is not the one that this code needs, so this service must not be used.
    """

    trouble: str | None = "The warehouse has not been looked at yet."
    outdated: bool = False


class WarehouseWatch:
    """Keeps `state` current. `check` is called by one thread, so that a health request never waits for a database."""

    def __init__(self, reader: WarehouseReader) -> None:
        self._reader = reader
        self.state = WarehouseState()

    def check(self) -> None:
        """Look at the warehouse once."""
        try:
            self._reader.require_current_schema()
        except MercadoError as error:
            self.state = WarehouseState(str(error), outdated=isinstance(error, SchemaOutdatedError))
        else:
            self.state = WarehouseState(trouble=None)


def _pool(url: SecretStr) -> ConnectionPool:
    # The pool warns at every attempt while the server is down; the watch says it once, in /health/ready.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    arguments = session_arguments(APPLICATION)
    return ConnectionPool(
        url.get_secret_value(),
        kwargs=arguments | {"options": arguments["options"] + STATEMENT_TIMEOUT},
        min_size=1,
        max_size=MOST_CONNECTIONS,
        open=False,
        check=_check,
        timeout=CONNECTION_PATIENCE_SECONDS,
        reconnect_timeout=1.0,
        name="warehouse",
    )


def _check(connection: psycopg.Connection) -> None:
    with _cut_off(connection, after_seconds=CONNECTION_PATIENCE_SECONDS):
        ConnectionPool.check_connection(connection)


@contextmanager
def _cut_off(connection: psycopg.Connection, *, after_seconds: float) -> Iterator[None]:
    """Cut the connection if the block takes longer: libpq waits without end for a server that hangs.

    Its own time-outs are the server's, which keeps none while it hangs.
    """
    # Of a copy of the descriptor, so that one which has been closed and given to somebody else is never cut.
    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        timer = threading.Timer(after_seconds, _cut, (line,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # it was closed at this very instant
        line.shutdown(socket.SHUT_RDWR)


def _origin(connection: psycopg.Connection, symbol: str, interval: CandleInterval, *, open_time_ms: int) -> str:
    values = {"symbol": symbol, "interval": interval.value, "open_time_ms": open_time_ms}
    row = connection.execute(sql(PACKAGE, "candle_origin"), values).fetchone()
    if row is None:
        raise NotEnoughDataError(
            f"Nobody knows where the candle of {symbol} {interval} that opens at {instant(open_time_ms)} came from: "
            f"its load is missing in ops.loads, which must not be emptied."
        )
    return str(row[0])
