"""### DANE's price workbooks from the folder `data/landing_zone` into `sipsa_data`

**Source** Excel files: drop one into the folder, and within seconds of its last change a run takes it. The daily annex
(a wide table) and the weekly annex (prices, supply, rice at the mill), `.xls` or `.xlsx`, are recognised by content.

**Grain** `mayoristas_prices` and `mayoristas_prices_weekly`: product, market, day or week. Each file once in
`sipsa_data.file_ingestion_log`, by its digest; cells that were left out in `ops.rejected_rows`, as `1.8!D37`.

**Running again** is always safe: a file that was loaded is only archived, whatever its name. To load an archived or
quarantined one again after a fix, give its digest, or its path in the data folder, as the Param `replay`.

**If it fails** a file was refused. Its task's note says why; the file is in `data/quarantine` with a report beside it
that lists every problem. The other files of the run are loaded all the same.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from mercado_airflow.assets import LANDING_ZONE, WORKBOOK_TABLES
from mercado_airflow.params import DIGEST_OR_PATH, RELATIVE, optional_lines
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
        "files": optional_lines(
            "Files", "Names in data/landing_zone, one a line. Empty: every complete file there.", pattern=RELATIVE
        ),
        "replay": optional_lines(
            "Load again",
            "After a fix, one a line: a file's SHA-256 or its beginning, from its task's note or from its report, or "
            "its path in the data folder, as quarantine/annex.xls. The landing zone is then left alone.",
            pattern=DIGEST_OR_PATH,
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
        outlets=[table for tables in WORKBOOK_TABLES.values() for table in tables],
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
