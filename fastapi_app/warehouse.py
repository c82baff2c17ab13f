"""The warehouse as the API uses it: the newest candles for GET /predict, and the watch over its schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.store import read_candles
from mercado.errors import ConfigurationError, MercadoError, NotEnoughDataError, SchemaOutdatedError
from mercado.warehouse.connection import connect, sql
from mercado.warehouse.schema import require_current_schema

PACKAGE = "fastapi_app"
APPLICATION = "mercado api"


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


class WarehouseReader:
    """Reads as the role ``api_reader``, over one short connection per call.

    Args:
        url: Of the warehouse, or ``None`` when none is configured: only forecasts from given candles work then.
    """

    def __init__(self, url: SecretStr | None) -> None:
        self._url = url

    def latest(self, symbol: str, interval: CandleInterval) -> LatestCandles:
        """Return the newest 1000 bars, with the ones that the exchange lacks filled.

        Raises:
            ConfigurationError: No warehouse is configured.
            ServiceUnavailableError: It does not answer.
            SchemaOutdatedError: It lacks a table, or the API may not read it.
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

    def require_current_schema(self) -> None:
        """Return when the warehouse answers and has the schema that this code needs.

        Raises:
            MercadoError: As `latest`; says why not.
        """
        with self._connection() as connection:
            require_current_schema(connection)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        if self._url is None:
            raise ConfigurationError(
                "No warehouse is configured: set MERCADO_API_WAREHOUSE_URL, or API_READER_PASSWORD and POSTGRES_PORT. "
                "POST /predict works without."
            )
        try:
            with connect(self._url, application=APPLICATION) as connection:
                yield connection
        except psycopg.ProgrammingError as error:
            raise SchemaOutdatedError(
                f"The API cannot read the warehouse ({str(error).splitlines()[0]}): run `mercado migrate`, which makes "
                f"the tables and lets api_reader read them."
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


def _origin(connection: psycopg.Connection, symbol: str, interval: CandleInterval, *, open_time_ms: int) -> str:
    values = {"symbol": symbol, "interval": interval.value, "open_time_ms": open_time_ms}
    row = connection.execute(sql(PACKAGE, "candle_origin"), values).fetchone()
    assert row is not None, "the schema lets no candle be without a load, and none is ever deleted"  # noqa: S101
    return str(row[0])
