"""The doctor on a demo in containers: all green, and faults that only containers can have.

Its tests come first: later ones leave a file in quarantine, and start the demo again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from mercado.doctor import component_checks, container_checks, port_checks
from mercado.doctor.discovery import find
from mercado.doctor.engine import SERVICE_LABEL, containers
from mercado.doctor.findings import Finding, Severity
from mercado.doctor.runner import Group
from mercado.doctor.target import Runtime
from mercado.local.waiting import wait_until
from tests.demo import Demo
from tests.docker_engine import docker, project

pytestmark = pytest.mark.timeout(900)
LONGEST_SECONDS = 10


def container(demo: Demo, service: str) -> str:
    """Return the id of a service's container."""
    (found,) = [each["Id"] for each in containers(project(demo)) if each["Config"]["Labels"][SERVICE_LABEL] == service]
    return str(found)


def wrong(demo: Demo, group: Group) -> dict[str, Finding]:
    """Return what a group finds wrong, by id."""
    target = find(now=datetime.now(UTC), state=demo.state, runtime=Runtime.DOCKER, project=project(demo))
    assert target is not None
    return {each.id: each for each in group(target) if each.severity is not Severity.OK}


@contextmanager
def a_container(demo: Demo, *options: str, image: str = "mercado-api", running: bool = True) -> Iterator[None]:
    """Add one more container to the project, as a hand-edited file or an older version would."""
    labels = ("--label", f"com.docker.compose.project={project(demo)}", "--label", f"{SERVICE_LABEL}=odd")
    number = docker("create", *labels, *options, "--entrypoint", "sleep", image, "60")
    try:
        if running:
            docker("start", number)
        yield
    finally:
        docker("rm", "--force", number)


def report(demo: Demo, *options: str) -> tuple[int, dict[str, Any]]:
    finished = demo.mercado("doctor", "--json", *options)
    return finished.returncode, json.loads(finished.stdout)


def test_a_demo_in_containers_is_all_green_within_ten_seconds(demo: Demo) -> None:
    status, told = report(demo, *demo.options)
    assert [each for each in told["findings"] if each["severity"] != "ok"] == []
    assert (status, told["runtime"], told["worst"]) == (0, "docker", "ok")
    assert told["seconds"] < LONGEST_SECONDS


def test_a_paused_container_and_its_service_are_named(demo: Demo) -> None:
    mlflow = container(demo, "mlflow")
    docker("pause", mlflow)
    try:
        assert "mlflow is paused" in wrong(demo, container_checks.check)["containers.states"].detail
        assert "no answer" in wrong(demo, component_checks.check)["health.mlflow"].detail
    finally:
        docker("unpause", mlflow)
    wait_until(
        lambda: "health.mlflow" not in wrong(demo, component_checks.check), seconds=30, problem=lambda: "no MLflow"
    )


def test_a_stopped_service_is_named_with_its_log(demo: Demo) -> None:
    simulators = container(demo, "simulators")
    docker("stop", "--time", "1", simulators)
    try:
        finding = wrong(demo, container_checks.check)["containers.states"]
        assert "simulators is exited" in finding.detail
        assert f"docker compose -p {project(demo)} logs" in finding.remedy
    finally:
        docker("start", simulators)
    wait_until(
        lambda: "containers.states" not in wrong(demo, container_checks.check),
        seconds=60,
        problem=lambda: "not healthy",
    )


def test_a_container_as_root_without_a_limit_is_named(demo: Demo) -> None:
    with a_container(demo, "--user", "0"):
        found = wrong(demo, container_checks.check)
    assert "odd can gain privileges" in found["containers.security"].detail
    assert "odd runs 1 processes as root" in found["containers.root"].detail
    assert "odd has no memory limit" in found["containers.setup"].detail


def test_a_privileged_container_is_named(demo: Demo) -> None:
    with a_container(demo, "--privileged", running=False):  # an engine inside a container cannot start one
        found = wrong(demo, container_checks.check)
    assert "odd is privileged" in found["containers.security"].detail
    assert "odd is created" in found["containers.states"].detail


def test_a_port_published_to_everybody_is_named(demo: Demo) -> None:
    with a_container(demo, "--publish", "8000"):
        finding = wrong(demo, port_checks.check_containers)["ports.loopback"]
    assert "listens on 0.0.0.0" in finding.detail
    assert "127.0.0.1" in finding.remedy
