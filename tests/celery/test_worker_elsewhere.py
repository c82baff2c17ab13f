"""A worker in a network of its own, with what docker-compose.worker.yml gives to one on another host."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from mercado.environment import AUTH_SECRETS, BROKER_PASSWORD, REQUIRED_SECRETS
from mercado.local.platform import REPOSITORY
from mercado.local.stages import TRAINING
from mercado.registry import Registry
from tests.celery.stack import Stack
from tests.docker.test_privilege import CONNECT, run
from tests.docker_engine import docker

pytestmark = pytest.mark.timeout(900)
REACHED = {"redis": 6379, "postgres": 5432, "airflow-apiserver": 8080, "mlflow": 5000}
# Another than the demo's, so that the version forecasts otherwise.
SEED = 23
SERVICE = "airflow-train-worker"
FILES = ("docker-compose.worker.yml", "tests/celery/elsewhere.yml")
HELD = {
    "REDIS_PASSWORD",
    "OPTUNA_DB_PASSWORD",
    "AIRFLOW_DB_PASSWORD",
    "AIRFLOW__API__SECRET_KEY",
    "MLFLOW_ADMIN_PASSWORD",
}


@pytest.fixture(scope="module")
def elsewhere(stack: Stack) -> Iterator[dict[str, Any]]:
    """Yield the container of the worker, while those of the platform leave the trainings to it."""
    with stack.left_alone("train"):
        try:
            compose(stack, "up", "--detach", "--wait", "--wait-timeout", "180")
            found: dict[str, Any] = json.loads(docker("inspect", f"{stack.project}-elsewhere-{SERVICE}-1"))[0]
            yield found
        finally:
            compose(stack, "down", "--volumes")


@pytest.fixture(scope="module")
def trained(stack: Stack, elsewhere: dict[str, Any]) -> str:
    """Return the id of a training that ended well while that worker ran."""
    run_id = stack.demo.airflow.trigger(TRAINING, {"trials": 2, "seed": SEED})
    assert stack.demo.airflow.watch(TRAINING, run_id, seconds=400) == "success"
    return run_id


def compose(stack: Stack, *arguments: str) -> None:
    """Run Compose on the worker's file, with the platform's settings and a wire in place of the addresses."""
    files = [part for file in FILES for part in ("--file", file)]
    options = ("--env-file", str(stack.demo.platform.settings_file), *files)
    names = {"COMPOSE_PROJECT_NAME": f"{stack.project}-elsewhere", "PLATFORM": stack.project}
    unused = dict.fromkeys(("MERCADO_WORKER_ADDRESS", "MERCADO_PLATFORM_ADDRESS"), "127.0.0.1")
    finished = subprocess.run(
        ["docker", "compose", *options, *arguments],
        cwd=REPOSITORY,
        env=os.environ | names | unused,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr


def test_a_whole_training_runs_on_it_and_registers_a_version(trained: str, stack: Stack) -> None:
    tasks = stack.demo.airflow.ask("GET", f"/api/v2/dags/{TRAINING}/dagRuns/{trained}/taskInstances")["task_instances"]
    ran = {each["task_id"]: each["hostname"] for each in tasks if each["state"] == "success" and each["hostname"]}
    assert {"start", "certify", "tune", "best", "register"} <= set(ran)
    assert set(ran.values()) == {SERVICE}
    assert stack.job(trained)["run_id"] in {each.run_id for each in Registry(stack.demo.mlflow).versions()}


def test_its_log_is_read_from_it_and_its_note_is_in_airflow(trained: str, stack: Stack) -> None:
    log = stack.log(trained, "tune", attempt=1, map_index=0)
    assert f"http://{SERVICE}:8793/log/" in log
    assert "trial 0: log-loss" in log
    assert "Could not read" not in log
    (tune,) = stack.instances(trained, "tune")
    assert "trials" in tune["note"]


def test_it_has_no_folder_of_the_platform_and_reaches_the_four_services_alone(
    elsewhere: dict[str, Any], stack: Stack
) -> None:
    assert [(mount["Type"], mount["Destination"]) for mount in elsewhere["Mounts"]] == [("volume", "/opt/airflow/logs")]
    assert run("docker", "exec", elsewhere["Id"], "ls", "/opt/mercado/data").stdout == ""
    directly = [
        (network["IPAddress"], port)
        for service, port in (*REACHED.items(), ("simulators", 8900), ("api", 8000))
        for network in stack.containers(service)[0]["NetworkSettings"]["Networks"].values()
        if network["IPAddress"]
    ]
    assert len(directly) > len(REACHED)
    assert [name for name, port in REACHED.items() if not connects(elsewhere, name, port)] == []
    assert [place for place in directly if connects(elsewhere, *place)] == []


def connects(container: dict[str, Any], host: str, port: int) -> bool:
    return run("docker", "exec", container["Id"], "python", "-c", CONNECT, host, str(port)).returncode == 0


def test_it_holds_the_secrets_of_trainings_and_no_privilege(elsewhere: dict[str, Any], stack: Stack) -> None:
    environment, values = "\n".join(elsewhere["Config"]["Env"]), stack.demo.platform.values
    names = (*REQUIRED_SECRETS, BROKER_PASSWORD, *AUTH_SECRETS)
    assert {name for name in names if values[name] in environment} == HELD
    host = elsewhere["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["CapAdd"]) == (True, ["ALL"], None)
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
