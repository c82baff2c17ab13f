"""The end-to-end tests of the demo in containers, on one with two workers."""

import pytest

from mercado.maintenance.backups import list_backups
from tests.celery.stack import WORKER, Stack
from tests.docker.test_demo import (
    TestDemo,
    test_a_version_that_a_person_rejects_is_not_served,
    test_a_workbook_copied_into_a_container_by_the_engine_is_loaded,
    test_every_container_has_a_memory_limit_and_logs_that_rotate,
    test_every_service_is_healthy_and_every_one_shot_ended_well,
    test_no_port_is_published_beyond_this_machine,
    test_no_process_runs_as_root,
    test_the_export_lies_in_the_folder_on_the_host,
)
from tests.docker.test_privilege import (
    test_each_service_holds_the_secrets_that_it_needs_and_no_other,
    test_no_container_was_given_a_privilege,
    test_no_secret_stands_on_a_command_line_or_in_what_a_container_printed,
)

pytestmark = pytest.mark.timeout(900)
__all__ = [
    "TestDemo",
    "test_a_version_that_a_person_rejects_is_not_served",
    "test_a_workbook_copied_into_a_container_by_the_engine_is_loaded",
    "test_each_service_holds_the_secrets_that_it_needs_and_no_other",
    "test_every_container_has_a_memory_limit_and_logs_that_rotate",
    "test_every_service_is_healthy_and_every_one_shot_ended_well",
    "test_no_container_was_given_a_privilege",
    "test_no_port_is_published_beyond_this_machine",
    "test_no_process_runs_as_root",
    "test_no_secret_stands_on_a_command_line_or_in_what_a_container_printed",
    "test_the_export_lies_in_the_folder_on_the_host",
]


def networks(container: dict[str, dict[str, dict[str, str]]]) -> set[str]:
    return {network.rpartition("_")[2] for network in container["NetworkSettings"]["Networks"]}


def test_the_scheduler_runs_no_task_and_reaches_none_of_their_folders(stack: Stack) -> None:
    (scheduler,) = stack.containers("airflow-scheduler")
    assert {mount["Destination"] for mount in scheduler["Mounts"]} == {"/opt/airflow/logs"}
    workers = stack.containers(WORKER)
    assert len(workers) == 2
    assert "/opt/mercado/data" in {mount["Destination"] for worker in workers for mount in worker["Mounts"]}


def test_a_backup_by_hand_is_made_where_the_tasks_run(stack: Stack) -> None:
    before = len(list_backups(stack.demo.platform.backups))
    made = stack.demo.mercado("backup", *stack.demo.options)
    assert made.returncode == 0, made.stderr
    assert len(list_backups(stack.demo.platform.backups)) == before + 1


def test_redis_is_reached_by_its_clients_alone(stack: Stack) -> None:
    (redis,), (scheduler,) = stack.containers("redis"), stack.containers("airflow-scheduler")
    assert networks(redis) == {"broker", "broker-port"}
    assert "broker" in networks(scheduler)
    others = ("api", "mlflow", "airflow-apiserver", "airflow-triggerer", "airflow-dag-processor", "postgres")
    assert [name for name in others if networks(stack.containers(name)[0]) & networks(redis)] == []
