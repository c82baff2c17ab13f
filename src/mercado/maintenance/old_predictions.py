"""Old predictions with what came true of them, in batches, so that no lock is held for long."""

from datetime import datetime
from typing import Final

import psycopg

from mercado.maintenance.removed import Removed
from mercado.warehouse.connection import sql

PACKAGE: Final = "mercado.maintenance"
BATCH_ROWS: Final = 5_000


def clean_predictions(
    connection: psycopg.Connection, *, before: datetime, dry_run: bool = False, batch_rows: int = BATCH_ROWS
) -> Removed:
    """Remove the predictions that were made, and whose candle closed, before an instant; their outcomes go with them.

    What was asked lately about the distant past stays. Each batch is a transaction of its own, so a killed step has
    removed what it had removed, and the next one goes on.

    Args:
        connection: Open, to the warehouse, owned by the caller; commits each statement by itself.
        before: In UTC; older than the windows of the monitoring.
        dry_run: Only count.
        batch_rows: Rows of a transaction.
    """
    if dry_run:
        row = connection.execute(sql(PACKAGE, "count_old_predictions"), {"before": before}).fetchone()
        return Removed("predictions", int(row[0]) if row else 0)
    count, values = 0, {"before": before, "batch_rows": batch_rows}
    while batch := connection.execute(sql(PACKAGE, "remove_old_predictions"), values).rowcount:
        count += batch
    return Removed("predictions", count)
