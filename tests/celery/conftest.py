"""One demo with two workers for all tests of this folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mercado.environment import set_in_env_file
from mercado.local.settings_files import write_demo_scale, write_demo_settings
from tests.celery.stack import WORKER, Stack
from tests.demo import Demo, running_demo
from tests.docker.held_secrets import HELD
from tests.docker.memory import KEPT_UP

PROJECT = f"mercado-celery-{os.getpid()}"
# The doctor examines a fresh demo and leaves it so; the last file changes what runs.
ORDER = (
    "test_doctor.py",
    "test_demo.py",
    "test_killed_worker.py",
    "test_worker_elsewhere.py",
    "test_replicas.py",
    "test_switching.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of this folder into the order of their files above."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    tests = sorted((items[place] for place in places), key=lambda item: ORDER.index(item.path.name))
    for place, item in zip(places, tests, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Yield a demo that ended well; its workers take one task at a time, so that two tasks are on two of them."""
    state = tmp_path_factory.mktemp("demo")
    write_demo_settings(state)
    write_demo_scale(state, workers=2, replicas=None)
    set_in_env_file(state / "env", {"MERCADO_CELERY_CONCURRENCY": "1"})
    with running_demo(state, "--runtime", "docker", "--project", PROJECT) as demo:
        yield demo


@pytest.fixture(scope="session")
def stack(demo: Demo) -> Stack:
    """Return the containers of the demo."""
    return Stack(demo, PROJECT)


@pytest.fixture(scope="session")
def kept_up() -> set[str]:
    """Return the services that stay up."""
    return KEPT_UP | {"redis", WORKER}


@pytest.fixture(scope="session")
def held() -> dict[str, set[str]]:
    """Return the secrets that each service holds: the tasks' are the worker's, no longer the scheduler's."""
    airflow, broker = HELD["airflow-apiserver"], {"REDIS_PASSWORD"}
    return HELD | {
        "redis": broker,
        "airflow-scheduler": airflow | broker,
        WORKER: HELD["airflow-scheduler"] | broker,
    }
