"""What the tasks of ``dane_sipsa_prices_ingestion`` do: open their resources, make one call, return counts."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from mercado.errors import ConfigurationError, RejectedRowsError, StaleDataError
from mercado.settings import DataSettings
from mercado.sipsa.client import SipsaClient
from mercado.sipsa.contract import OPERATIONS, operations_named
from mercado.sipsa.freshness import require_fresh
from mercado.sipsa.ingest import IngestReport, ingest
from mercado_airflow import links
from mercado_airflow.assets import SIPSA_TABLES, wrote
from mercado_airflow.notes import counted, note, plain
from mercado_airflow.variables import variable
from mercado_airflow.warehouse import warehouse_connection

log = logging.getLogger(__name__)
UNMAPPED_SHOWN = 20
UNMAPPED_NOTED = 5


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
    with _pointing_at_rejected_rows(), warehouse_connection(f"sipsa {name}") as connection:
        report = ingest(connection, client, operation, folder=DataSettings.read().sipsa_raw, since=first_day)
    log.info("%s", report)
    if report.unmapped:
        log.warning(
            "%d names are in no reviewed table; their rows are loaded. sipsa_data.unmapped_names lists them all: %s",
            len(report.unmapped),
            ", ".join(map(str, report.unmapped[:UNMAPPED_SHOWN])),
        )
    counts = {"read": report.read, "rejected": report.rejected, **vars(report.counts)}
    wrote(SIPSA_TABLES[name], load_id=report.load_id, **counts, last_day=str(report.last_day))
    note(*_lines(report, counts))
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
    note("Every table is as new as DANE's calendar allows.", *(f"- {name}: {day}" for name, day in days.items()))
    return days


def _lines(report: IngestReport, counts: Mapping[str, int]) -> list[str]:
    lines = [
        f"**Load {report.load_id}** of {report.operation} into `{SIPSA_TABLES[report.operation].name}`; the newest day "
        f"is {report.last_day or 'none'}.",
        counted(counts),
    ]
    left_out = report.read - sum(count for name, count in counts.items() if name != "read")
    if left_out:
        lines.append(f"- {left_out:,} left out: of days before the first one wanted")
    if report.unmapped:
        shown = plain(", ".join(map(str, report.unmapped[:UNMAPPED_NOTED])))
        lines.append(f"- {len(report.unmapped):,} names in no reviewed table (`sipsa_data.unmapped_names`): {shown}")
    rejected = [links.rejected_rows(load_id=report.load_id)] if report.rejected else []
    return [*lines, " · ".join([*rejected, links.data_health(), links.loads("sipsa")])]


@contextmanager
def _pointing_at_rejected_rows() -> Iterator[None]:
    """Let an answer's refusal say where its broken rows are; the task's note shows it."""
    try:
        yield
    except RejectedRowsError as error:
        error.add_note(f"{links.rejected_rows(source='sipsa')} · {links.data_health()}")
        raise


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"sipsa_historical_start_date is {text!r}, expected a day such as 2023-01-01: correct the variable."
        ) from error
