"""The maintenance's DAG: a backup first, each step apart from the others, and logs older than any run."""

from datetime import timedelta
from typing import Any


def test_no_run_lasts_as_long_as_the_shortest_time_that_logs_are_kept(dags: dict[str, Any]) -> None:
    from mercado.maintenance.settings import LEAST_LOG_DAYS

    assert max(dag.dagrun_timeout for dag in dags.values()) < timedelta(days=LEAST_LOG_DAYS)


def test_what_a_restore_would_bring_back_is_removed_after_a_backup_only(dags: dict[str, Any]) -> None:
    from mercado.maintenance.retention import Step

    maintenance = dags["platform_maintenance"]
    rules = {step: maintenance.get_task(f"clean_{step.replace('-', '_')}") for step in Step}
    assert all(task.upstream_task_ids == {"backup"} for task in rules.values())
    without = {step for step, task in rules.items() if task.trigger_rule == "all_done"}
    assert without == {Step.BACKUPS, Step.LOGS, Step.METADATA}
    assert {task.trigger_rule for step, task in rules.items() if step not in without} == {"none_failed"}
    assert maintenance.get_task("all_cleaned").upstream_task_ids == {task.task_id for task in rules.values()}
