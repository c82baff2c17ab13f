"""### DANE's price workbooks from the folder `data/landing_zone` into `sipsa_data`

**Source** Excel files that a person or a program drops into the folder: the daily annex (a wide table) and the weekly
annex (prices, supply, rice at the mill), `.xls` or `.xlsx`, recognised by content. A file is taken when it has been
unchanged for two seconds; hidden and temporary ones are left alone.

**Grain** `mayoristas_prices` and `mayoristas_prices_weekly`: product, market, day or week. Each file once in
`sipsa_data.file_ingestion_log`, by its digest; cells that were left out in `ops.rejected_rows`, as `1.8!D37`.

**Running again** is always safe: a file that was loaded is only archived, whatever its name. To load an archived or
quarantined one again after a fix, give its digest, or its path in the data folder, as the Param `replay`.

**If it fails** a file was refused. The task's last line says why; the file is in `data/quarantine` with a report beside
it that lists every problem. The other files of the run are loaded all the same.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from mercado_airflow.assets import LANDING_ZONE
from mercado_airflow.policies import TASK_DEFAULTS, every_one


@dag(
    schedule=[LANDING_ZONE],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["sipsa", "landing", "ingestion"],
    params={
        "files": Param(
            None, type=["null", "array"], items={"type": "string"}, description="Files in the folder; empty: all."
        ),
        "replay": Param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            description="Digests (or paths in archive/ or quarantine/) to load again after a fix.",
        ),
    },
)
def file_ingestion_from_excel() -> None:
    """Find the complete files, ingest each by itself, say what happened to each."""

    @task
    def find(params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the files that are complete, and those to load again."""
        from mercado_airflow.landing import find_files

        return find_files(params["files"], params["replay"])

    @task(
        doc_md="Recognise, read, validate, load, move: or quarantine with a report, which fails this task alone.",
        map_index_template="{{ task.op_kwargs['file'] }}",
        max_active_tis_per_dagrun=1,  # in the order of their writing: a correction after what it corrects
    )
    def ingest(file: str, again: bool = False) -> dict[str, Any]:
        """Load one file, or explain why not."""
        from mercado_airflow.landing import ingest_one

        return ingest_one(file, again=again)

    @task(trigger_rule="all_done", retries=0)
    def summarise() -> list[str]:
        """Say what happened to each file."""
        from mercado_airflow.landing import summarise as run

        return run()

    ingested = ingest.expand_kwargs(find())
    ingested >> [summarise(), every_one("all_loaded")]


file_ingestion_from_excel()
