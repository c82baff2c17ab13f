"""A simulator whose archive has nine years of minutes, its files made already: they are not what is measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.benchmarks.servers import simulators
from tests.benchmarks.stored_candles import END, MINUTE, SYMBOL

# Room for every month's file.
KEPT_MB = 400
YEARS = range(2017, 2027)


@dataclass(frozen=True)
class MinutesSource:
    """Where the candles come from.

    Attributes:
        environment: What points the commands to it.
        months: The address of each month's file.
    """

    environment: dict[str, str]
    months: tuple[str, ...]


@contextmanager
def minutes_source() -> Iterator[MinutesSource]:
    """Run the simulator."""
    options = (f"--symbol={SYMBOL}", f"--interval={MINUTE}", f"--now={END.isoformat()}", f"--archive-kept-mb={KEPT_MB}")
    with simulators(*options) as address:
        archive = f"{address}/archive"
        environment = {"BINANCE_BASE_URL": address, "BINANCE_ARCHIVE_URL": archive}
        yield MinutesSource(environment, tuple(_months_made(archive)))


def _months_made(archive_url: str) -> Iterator[str]:
    """Yield the address of every month, after it was asked for once, so that the simulator has made it."""
    for year in YEARS:
        for month in range(1, 13):
            name = f"{SYMBOL}-{MINUTE}-{year}-{month:02d}"
            url = f"{archive_url}/data/spot/monthly/klines/{SYMBOL}/{MINUTE}/{name}.zip"
            if requests.get(url, timeout=60).ok:
                yield url
