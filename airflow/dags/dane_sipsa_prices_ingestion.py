"""### Wholesale food prices from DANE's SIPSA web service into `sipsa_data`

**Source** the SOAP service at the variable `sipsa_wsdl_url`: six operations, each of which answers its whole window at
every call. The raw answers are kept, compressed, under `data/raw/sipsa`.

**Grain** see the comment of each table `sipsa_data.sipsa_…`. A changed amount keeps its earlier version in
`…_revisions`; `sipsa_data.sipsa_prices_as_known_on('2026-01-31')` answers what was known then. Rows before the variable
`sipsa_historical_start_date` are left out, unless the Param `since` says otherwise.

**Running again** is always safe: an unchanged answer inserts 0 and updates 0.

**If it fails** the task's note says what to do. While the service is down it is tried again every
`sipsa_retry_delay_minutes`. Items that break a rule are in `ops.rejected_rows`; above 1 % their load changes nothing.
The last task fails when the newest day is older than DANE's calendar allows, whatever the reason.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from mercado_airflow.assets import SIPSA_TABLES
from mercado_airflow.params import choice_of_many, optional_text
from mercado_airflow.policies import SIPSA_TASK_DEFAULTS, every_one

NAMES = {operation: f"{operation} → {table.name}" for operation, table in SIPSA_TABLES.items()}


@dag(
    schedule=CronTriggerTimetable("30 14 * * *", timezone="America/Bogota", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=20),
    is_paused_upon_creation=False,
    default_args=SIPSA_TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["sipsa", "ingestion"],
    params={
        "operations": choice_of_many("Operations", "Which of the service's answers to load, into which table.", NAMES),
        "since": optional_text(
            "First day",
            "Rows of earlier days are left out. Empty: the variable sipsa_historical_start_date (Admin > Variables).",
            format="date",
        ),
    },
)
def dane_sipsa_prices_ingestion() -> None:
    """Fetch and load each operation, then look at the age of the data."""

    @task
    def choose(params: dict[str, Any] | None = None) -> list[str]:
        """Return the operations to ask for."""
        from mercado_airflow.sipsa import wanted_operations

        return wanted_operations(params["operations"])

    @task(
        doc_md="Fetch one operation's answer, keep it raw, stage, validate, merge; return the counts.",
        map_index_template="{{ task.op_kwargs['operation'] }}",
        max_active_tis_per_dagrun=2,
        outlets=list(SIPSA_TABLES.values()),
    )
    def ingest(operation: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fetch one operation's answer, keep it raw, stage, validate, merge; return the counts."""
        from mercado_airflow.sipsa import ingest_operation

        return ingest_operation(operation, since=params["since"])

    @task(trigger_rule="all_done", retries=0)
    def check_freshness() -> dict[str, str]:
        """Fail when the newest day of an operation is older than it should be."""
        from mercado_airflow.sipsa import check_freshness as run

        return run()

    ingest.expand(operation=choose()) >> [check_freshness(), every_one("all_ingested")]


dane_sipsa_prices_ingestion()
