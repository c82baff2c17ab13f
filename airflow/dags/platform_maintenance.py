"""### A backup, and what is old is removed

**Source** the platform itself: its databases, MLflow's artifacts, Airflow's logs and metadata, the folder `data/`.

**Steps** `backup` makes a backup below `MERCADO_BACKUP_DIR` · then one task for each thing that piles up: old backups,
Airflow's logs and metadata, raw answers, quarantined workbooks, predictions, model versions with their runs. How long
each is kept is `MERCADO_RETENTION_…` in `.env`; 0 keeps it for ever.

**Running again** is safe: what is gone is not found again, and each backup has a folder of its own.

**If it fails** the task's note says what to do. No task waits for another's success but for the backup's: without
one only backups, logs and metadata are cleaned, which may be what makes room for it. Any failure makes the run red.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from mercado.maintenance.retention import Step
from mercado_airflow import maintenance as steps
from mercado_airflow.assets import BACKUPS
from mercado_airflow.params import flag
from mercado_airflow.policies import TASK_DEFAULTS, every_one


@dag(
    schedule=CronTriggerTimetable("30 3 * * 0", timezone="UTC", run_immediately=False),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["maintenance"],
    params={
        "backup": flag("Make a backup", "Before anything is removed, into MERCADO_BACKUP_DIR.", on=True),
        "dry_run": flag(
            "Remove nothing", "Only say, in each task's note, what would be removed; a backup is made all the same."
        ),
    },
)
def platform_maintenance() -> None:
    """Back up, then clean."""
    backup = task(task_id="backup", outlets=[BACKUPS])(steps.make_backup)()
    cleaned = [
        task(
            task_id=f"clean_{step.replace('-', '_')}",
            trigger_rule="all_done" if step in steps.WITHOUT_BACKUP else "none_failed",
        )(steps.clean)(step.value)
        for step in Step
    ]
    backup >> cleaned >> every_one("all_cleaned")


platform_maintenance()
