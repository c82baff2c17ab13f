"""The hours that the model's benchmarks work on: Binance's own where the samples are, else generated ones."""

from datetime import UTC, datetime
from typing import Any

from mercado.bitcoin.candles import PRICE_COLUMNS, CandleInterval, CandleSeries
from tests.conftest import SAMPLES
from tests.simulators.options import SimulatorOptions

SYMBOL = "BTCUSDT"
REAL_HOURS = SAMPLES / "bitcoin" / f"{SYMBOL}-1h-2017-2025.csv"
# What the real ones end with, so that the generated ones are as many.
END = datetime(2025, 4, 1, tzinfo=UTC)


def hours_name() -> str:
    """Return what the hours are."""
    return "Binance's hours, 2017 to 2025" if REAL_HOURS.exists() else "generated hours, 2017 to 2025"


def simulator_options() -> dict[str, Any]:
    """Return the `SimulatorOptions` that serve them."""
    return {"replay": REAL_HOURS} if REAL_HOURS.exists() else {"now": END}


def hours() -> CandleSeries:
    """Return the closed ones."""
    sources, clock = SimulatorOptions(**simulator_options()).open()
    closed = sources[SYMBOL].snapshot(clock.now_ms()).closed
    columns = (getattr(closed, name) for name in (*PRICE_COLUMNS, "volume"))
    return CandleSeries(CandleInterval.ONE_HOUR, closed.open_time_ms, *columns)
