"""What the tasks of ``dane_sipsa_prices_ingestion`` do: open their resources, make one call, return counts."""

import logging
from datetime import date
from typing import Any

from mercado.errors import ConfigurationError, StaleDataError
from mercado.settings import DataSettings
from mercado.sipsa.client import SipsaClient
from mercado.sipsa.contract import OPERATIONS, operations_named
from mercado.sipsa.ingest import ingest, require_fresh
from mercado_airflow.variables import variable
from mercado_airflow.warehouse import warehouse_connection

log = logging.getLogger(__name__)
UNMAPPED_SHOWN = 20


def wanted_operations(names: list[str] | None) -> list[str]:
    """Return the names of the operations to ingest; all when none is chosen."""
    return [operation.name for operation in operations_named(names)]


def ingest_operation(name: str, *, since: str | None) -> dict[str, Any]:
    """Fetch and load one operation; return the load's id, its counts, the newest day and the first unmapped names.

    Args:
        name: Of the operation.
        since: ISO day; ``None``: the variable ``sipsa_historical_start_date``.
    """
    (operation,) = operations_named([name])
    first_day = _day(since or variable("sipsa_historical_start_date"))
    client = SipsaClient(variable("sipsa_wsdl_url"))
    with warehouse_connection(f"sipsa {name}") as connection:
        report = ingest(connection, client, operation, folder=DataSettings.read().sipsa_raw, since=first_day)
    log.info("%s", report)
    if report.unmapped:
        log.warning(
            "%d names are in no reviewed table; their rows are loaded. sipsa_data.unmapped_names lists them all: %s",
            len(report.unmapped),
            ", ".join(map(str, report.unmapped[:UNMAPPED_SHOWN])),
        )
    counts = {"read": report.read, "rejected": report.rejected, **vars(report.counts)}
    return {
        "load_id": report.load_id,
        **counts,
        "last_day": str(report.last_day),
        "unmapped_count": len(report.unmapped),
        "unmapped": [str(each) for each in report.unmapped[:UNMAPPED_SHOWN]],
    }


def check_freshness() -> dict[str, str]:
    """Return each operation's newest day.

    Raises:
        StaleDataError: One or more are older than their publication calendar allows; names them all.
    """
    days, stale = {}, []
    with warehouse_connection("sipsa freshness") as connection:
        for operation in OPERATIONS:
            try:
                days[operation.name] = str(require_fresh(connection, operation))
            except StaleDataError as error:
                stale.append(str(error))
    if stale:
        raise StaleDataError(" ".join(stale))
    return days


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"sipsa_historical_start_date is {text!r}, expected a day such as 2023-01-01: correct the variable."
        ) from error
