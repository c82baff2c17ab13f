"""What the page can show and a demo alone does not have: a refused file, and prices that were revised."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from mercado.local.waiting import wait_until
from mercado.warehouse.connection import connect
from tests.demo import Demo
from tests.simulators.workbooks.__main__ import write

SECONDS: Final = 300
# The same days as the demo's workbooks of seed 7, at other prices: each of them becomes a revision.
SEED_OF_REVISIONS: Final = 8
WORKBOOKS: Final = 2
MISSING: Final = """
    select not exists (select from sipsa_data.file_ingestion_log where status = 'refused')
        or not exists (select from sipsa_data.mayoristas_prices_revisions)
        or not exists (select from sipsa_data.mayoristas_prices_weekly_revisions)
        or not exists (select from ops.rejected_rows)
"""
REVISED: Final = """
    select product_name_normalised, market_name_normalised, count(*)
    from sipsa_data.mayoristas_prices_weekly_revisions
    group by 1, 2 order by 3 desc, 1, 2 limit 1
"""


@dataclass(frozen=True)
class RevisedSeries:
    """A series of which prices were revised.

    Attributes:
        query: Filters that open it in the view of the prices.
        revision_count: Its earlier amounts.
    """

    query: str
    revision_count: int


def revised_series(demo: Demo) -> RevisedSeries:
    """Return the weekly series with the most revisions."""
    with connect(demo.platform.database_url("warehouse"), application="browser tests") as connection:
        row = connection.execute(REVISED).fetchone()
    assert row is not None
    product, market, count = row
    chosen = {"product": product, "dataset": "workbook_weekly", "market": market, "period": "all"}
    return RevisedSeries(urlencode(chosen), count)


def add_what_the_demo_lacks(demo: Demo) -> None:
    """Drop a workbook of other content and a second edition of two workbooks, and return when they were taken."""
    if not _something_is_missing(demo):
        return
    landing_zone = demo.platform.data / "landing_zone"
    write(landing_zone, count=WORKBOOKS, seed=SEED_OF_REVISIONS, until=None, with_foreign=True)
    wait_until(
        lambda: not _something_is_missing(demo),
        seconds=SECONDS,
        problem=lambda: f"The workbooks in {landing_zone} were not taken: {sorted(landing_zone.iterdir())}",
    )


def _something_is_missing(demo: Demo) -> bool:
    with connect(demo.platform.database_url("warehouse"), application="browser tests") as connection:
        row = connection.execute(MISSING).fetchone()
    assert row is not None
    return bool(row[0])
