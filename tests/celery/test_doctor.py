"""The doctor on a demo with workers: all green, and the faults that only they and Redis can have."""

import json
from datetime import UTC, datetime

import pytest

from mercado.doctor import container_checks
from mercado.doctor.discovery import find
from mercado.doctor.findings import Finding, Severity
from mercado.doctor.target import Runtime
from mercado.local.waiting import wait_until
from tests.celery.stack import WORKER, Stack
from tests.docker_engine import docker

pytestmark = pytest.mark.timeout(900)


def wrong(stack: Stack) -> dict[str, Finding]:
    """Return what the checks of containers find wrong, by id."""
    target = find(now=datetime.now(UTC), state=stack.demo.state, runtime=Runtime.DOCKER, project=stack.project)
    assert target is not None
    return {each.id: each for each in container_checks.check(target) if each.severity is not Severity.OK}


def test_a_demo_with_workers_is_all_green_and_says_how_many_listen(stack: Stack) -> None:
    finished = stack.demo.mercado("doctor", "--json", *stack.demo.options)
    told = json.loads(finished.stdout)
    assert [each for each in told["findings"] if each["severity"] != "ok"] == []
    details = {each["id"]: each["detail"] for each in told["findings"]}
    assert details["containers.workers"] == "2 listen for tasks"
    assert details["containers.queues"] == "0 tasks wait in ingest, 0 tasks wait in train"
    assert details["containers.broker"].startswith("answers")


def test_a_paused_redis_is_named(stack: Stack) -> None:
    (redis,) = stack.containers("redis")
    docker("pause", redis["Id"])
    try:
        found = wrong(stack)
    finally:
        docker("unpause", redis["Id"])
    assert "redis is paused" in found["containers.states"].detail
    assert "containers.broker" in found
    assert found["containers.broker"].remedy
    # A health check that fell into that time counts until the next one.
    wait_until(lambda: wrong(stack) == {}, seconds=90, problem=lambda: f"Not all is well again: {wrong(stack)}")


def test_tasks_that_wait_for_want_of_workers_are_named(stack: Stack) -> None:
    (redis,) = stack.containers("redis")
    with stack.left_alone("train"):
        docker("exec", redis["Id"], "redis-cli", "rpush", "train", *map(str, range(21)))
        try:
            found = wrong(stack)
        finally:
            docker("exec", redis["Id"], "redis-cli", "del", "train")
    assert set(found) == {"containers.queues"}
    assert found["containers.queues"].detail == "21 tasks wait in train"
    assert "SCALE=3" in found["containers.queues"].remedy


def test_a_worker_that_is_gone_is_named_by_its_number(stack: Stack) -> None:
    second = max(stack.containers(WORKER), key=lambda each: str(each["Name"]))
    with stack.stopped_for_a_while(second["Id"]):
        docker("stop", second["Id"])
        found = wrong(stack)
    assert f"{WORKER}-2 is exited" in found["containers.states"].detail
    assert wrong(stack) == {}
