"""Old rows of Airflow's metadata database, by its own ``airflow db clean``."""

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg
from pydantic import SecretStr

from mercado.errors import ServiceRefusedError
from mercado.maintenance.removed import Removed
from mercado.warehouse.connection import connect, place

# With the runs go their tasks, XComs and what else hangs on them. Left alone: `trigger`, since that of an asset's
# watcher is as old as the first start, and without it nobody would watch the landing zone; `dag` and `dag_version`,
# which are few and say what a kept run ran.
TABLES: Final = (
    "asset_event",
    "callback",
    "connection_test_request",
    "dag_run",
    "import_error",
    "job",
    "log",
    "partitioned_asset_key_log",
    "revoked_token",
    "session",
)
BATCH_ROWS: Final = 10_000
LONGEST_SECONDS: Final = 1_800
CHECKED: Final = re.compile(r"^Checking table (\w+)\nFound (\d+) rows meeting deletion criteria", re.MULTILINE)
# What a killed clean left behind: copies of rows on their way out.
ARCHIVES: Final = r"\_airflow\_deleted\_\_%"


def clean_airflow_metadata(url: SecretStr, *, before: datetime, dry_run: bool = False) -> Removed:
    """Remove the rows that are about the time before an instant; the last scheduled run of each DAG stays.

    Airflow's own command does it, in a process of its own: inside a task Airflow lets nobody reach its database, so the
    address is handed over.

    Args:
        url: ``postgresql://`` URL of the metadata database, as its owner.
        before: In UTC.
        dry_run: Only count.

    Returns:
        How many rows were found to be old; those that hang on them are not counted.

    Raises:
        ServiceRefusedError: Airflow's command fails; cites its last lines.
        ServiceUnavailableError: The database does not answer.
    """
    if not dry_run:
        _drop_left_archives(url)
    finished = subprocess.run(
        _command(before, dry_run=dry_run),
        env=_environment(url),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    found = CHECKED.findall(finished.stdout)
    if finished.returncode != 0 or not found:
        last = " ".join((finished.stderr.strip() or finished.stdout.strip()).splitlines()[-3:])
        raise ServiceRefusedError(f"`airflow db clean` failed on {place(url)}: {last}")
    return Removed("rows of Airflow's metadata", sum(int(count) for _, count in found))


def _command(before: datetime, *, dry_run: bool) -> list[str]:
    airflow = str(Path(sys.executable).with_name("airflow"))
    options = ["--skip-archive", "--yes", "--error-on-cleanup-failure", "--batch-size", str(BATCH_ROWS)]
    what = ["--clean-before-timestamp", before.isoformat(), "--tables", ",".join(TABLES)]
    return [airflow, "db", "clean", *what, *options, *(["--dry-run"] if dry_run else [])]


def _environment(url: SecretStr) -> dict[str, str]:
    """Return this environment with the database in it, and without the marks of a task."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("_AIRFLOW_", "AIRFLOW_CTX_"))}
    address = url.get_secret_value().replace("postgresql://", "postgresql+psycopg2://", 1)
    return own | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}


def _drop_left_archives(url: SecretStr) -> None:
    with connect(url, application="mercado maintenance") as connection:
        names = connection.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename like %s", (ARCHIVES,)
        ).fetchall()
        for (name,) in names:
            connection.execute(psycopg.sql.SQL("drop table {}").format(psycopg.sql.Identifier("public", name)))
