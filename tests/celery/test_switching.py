"""Workers come and go on the same volumes: the LocalExecutor again, and back."""

import pytest

from mercado.local.stages import MONITORING
from mercado.registry import Registry
from tests.celery.stack import WORKER, Stack
from tests.docker.memory import KEPT_UP
from tests.docker.test_demo import ONE_SHOT
from tests.docker_engine import containers, service

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize(("workers", "more"), [(0, set()), (2, {WORKER, "redis"})])
def test_the_platform_goes_on_with_as_many_workers_as_are_asked_for(stack: Stack, workers: int, more: set[str]) -> None:
    before = Registry(stack.demo.mlflow).champion()
    started = stack.demo.run("start", "--workers", str(workers), "--api-replicas", "1")
    assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
    assert {service(each) for each in containers(stack.demo)} == KEPT_UP | ONE_SHOT | more
    assert len(stack.containers(WORKER)) == workers
    airflow = stack.demo.airflow
    assert airflow.watch(MONITORING, airflow.trigger(MONITORING, {}), seconds=180) == "success"
    assert Registry(stack.demo.mlflow).champion() == before


def test_without_an_option_a_start_keeps_what_was_chosen(stack: Stack) -> None:
    started = stack.demo.run("start")
    assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
    assert len(stack.containers(WORKER)) == 2
