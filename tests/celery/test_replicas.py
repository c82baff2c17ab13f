"""Three APIs behind the proxy: the champion changes, a replica dies, and clients see nothing but right answers."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from mlflow import MlflowClient

from mercado.local.stages import TRAINING
from mercado.local.waiting import wait_until
from mercado.registry import CHAMPION, FORECASTER_MODEL, Registry
from tests.celery.stack import Stack
from tests.celery.traffic import ANSWER_SECONDS, traffic
from tests.docker.test_privilege import run
from tests.docker_engine import docker

pytestmark = pytest.mark.timeout(900)
REPLICAS = 3
# The alias is looked up every 5 s; then the model is loaded aside and its golden vectors computed.
SWAP_SECONDS = 15
# Another than the demo's, so that the version forecasts otherwise.
SEED = 31
SPOOFED, REQUEST_ID = "203.0.113.9", "who-asked"


@pytest.fixture(scope="module")
def replicas(stack: Stack) -> list[dict[str, Any]]:
    """Return the containers of three APIs, each of which is ready."""
    started = stack.demo.run("start", "--api-replicas", str(REPLICAS))
    assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
    found = stack.containers("api")
    wait_until(lambda: all(map(ready, found)), seconds=60, problem=lambda: "A replica serves no model.")
    return found


@pytest.fixture(scope="module")
def versions(stack: Stack) -> Iterator[tuple[int, int]]:
    """Yield the champion and another version, trained now with another seed; the champion is put back."""
    registry = Registry(stack.demo.mlflow)
    champion = registry.champion()
    assert champion is not None
    airflow = stack.demo.airflow
    trained = airflow.trigger(TRAINING, {"trials": 2, "seed": SEED, "refits": 2})
    assert airflow.watch(TRAINING, trained, seconds=300) == "success"
    promote(stack, champion.version)
    (other, *_) = [each.version for each in registry.versions() if each.version != champion.version]
    yield champion.version, other
    promote(stack, champion.version)


def promote(stack: Stack, version: int) -> None:
    MlflowClient(stack.demo.mlflow).set_registered_model_alias(FORECASTER_MODEL, CHAMPION, str(version))


def address(replica: dict[str, Any]) -> str:
    """Return where a replica answers without the proxy; it has another port after each start."""
    ports = docker("inspect", "--format", '{{(index .NetworkSettings.Ports "8000/tcp" 0).HostPort}}', replica["Id"])
    return f"http://127.0.0.1:{ports}"


def ready(replica: dict[str, Any]) -> bool:
    try:
        return requests.get(f"{address(replica)}/health/ready", timeout=ANSWER_SECONDS).ok
    except requests.ConnectionError:
        return False


def served(replica: dict[str, Any]) -> int:
    return int(requests.get(f"{address(replica)}/model", timeout=ANSWER_SECONDS).json()["version"])


def forecasts(replica: dict[str, Any]) -> int:
    """Return how many requests for a forecast a replica has answered."""
    metrics = requests.get(f"{address(replica)}/metrics", timeout=ANSWER_SECONDS).text.splitlines()
    counts = [line.split()[-1] for line in metrics if "request_seconds_count{" in line and 'route="/predict"' in line]
    return round(sum(map(float, counts)))


def test_the_proxy_alone_has_the_apis_port(stack: Stack, replicas: list[dict[str, Any]]) -> None:
    assert len(replicas) == REPLICAS
    (proxy,) = stack.containers("proxy")
    (binding,) = proxy["HostConfig"]["PortBindings"]["8000/tcp"]
    assert (binding["HostIp"], binding["HostPort"]) == ("127.0.0.1", str(stack.demo.platform.ports.api))
    assert all(address(each) != f"http://127.0.0.1:{stack.demo.platform.ports.api}" for each in replicas)
    host = proxy["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["CapAdd"]) == (True, ["ALL"], None)
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert proxy["Config"]["User"] == "50000:0"


def test_every_replica_serves_a_new_champion_soon_and_no_answer_is_wrong(
    stack: Stack, replicas: list[dict[str, Any]], versions: tuple[int, int]
) -> None:
    champion, other = versions
    with traffic(stack.demo) as seen:
        for version in (other, champion, other):
            promote(stack, version)
            wait_until(
                lambda wanted=version: {served(each) for each in replicas} == {wanted},
                seconds=SWAP_SECONDS,
                problem=lambda: f"The replicas serve {[served(each) for each in replicas]}.",
            )
    assert seen.trouble == []
    assert {status for status, *_ in seen.answers} == {200}
    # Each version has one answer to the same candles, whichever replica gives it.
    assert set(seen.prices) == {champion, other}
    assert [version for version, prices in seen.prices.items() if len(prices) != 1] == []
    assert seen.prices[champion] != seen.prices[other]


def test_a_replica_that_is_killed_under_load_is_not_noticed_by_clients(
    stack: Stack, replicas: list[dict[str, Any]]
) -> None:
    victim = replicas[1]["Id"]
    with stack.stopped_for_a_while(victim), traffic(stack.demo) as seen:
        time.sleep(2)
        docker("kill", victim)
        time.sleep(8)
    assert seen.trouble == []
    assert len(seen.answers) > 50
    assert {status for status, *_ in seen.answers} == {200}


def test_a_replica_without_a_model_gets_no_forecast_to_make(stack: Stack, replicas: list[dict[str, Any]]) -> None:
    (tracking,), newcomer = stack.containers("mlflow"), replicas[2]
    docker("pause", tracking["Id"])
    try:
        docker("restart", newcomer["Id"])
        wait_until(lambda: lives(newcomer), seconds=60, problem=lambda: "The replica does not start.")
        assert not ready(newcomer)
        with traffic(stack.demo) as seen:
            time.sleep(6)
        assert not ready(newcomer)
        assert (seen.trouble, {status for status, *_ in seen.answers}) == ([], {200})
        assert forecasts(newcomer) == 0
    finally:
        docker("unpause", tracking["Id"])
    wait_until(lambda: ready(newcomer), seconds=60, problem=lambda: "The replica does not get its model.")
    with traffic(stack.demo):
        time.sleep(6)
    assert forecasts(newcomer) > 0


def lives(replica: dict[str, Any]) -> bool:
    try:
        return requests.get(f"{address(replica)}/health/live", timeout=ANSWER_SECONDS).ok
    except requests.ConnectionError:
        return False


def test_the_client_that_asked_is_known_to_the_replicas_whatever_it_says_of_itself(
    stack: Stack, replicas: list[dict[str, Any]]
) -> None:
    url = f"http://127.0.0.1:{stack.demo.platform.ports.api}/health/live"
    requests.get(url, headers={"X-Forwarded-For": SPOOFED, "X-Request-ID": REQUEST_ID}, timeout=ANSWER_SECONDS)
    logged = "".join(run("docker", "logs", "--since", "1m", each["Id"]).stderr for each in replicas)
    (told,) = [json.loads(line) for line in logged.splitlines() if REQUEST_ID in line]
    (proxy,) = stack.containers("proxy")
    networks = proxy["NetworkSettings"]["Networks"].values()
    assert told["client"] in {network["Gateway"] for network in networks}
    assert told["client"] not in {SPOOFED, *(network["IPAddress"] for network in networks)}
