"""One demo in containers for all tests on Docker."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo import Demo, running_demo
from tests.docker.held_secrets import HELD
from tests.docker.memory import KEPT_UP, sampled_peaks

PROJECT = f"mercado-test-{os.getpid()}"

# The doctor examines a fresh demo and leaves it so.
FIRST = "test_doctor.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the doctor's tests before the others of this folder."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    tests = sorted((items[place] for place in places), key=lambda item: item.path.name != FIRST)
    for place, item in zip(places, tests, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def demo_and_peaks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, dict[str, float]]]:
    """Yield a demo that ended well, and each service's peak of memory until then, in bytes."""
    state = tmp_path_factory.mktemp("demo")
    with sampled_peaks(PROJECT) as peaks, running_demo(state, "--runtime", "docker", "--project", PROJECT) as demo:
        yield demo, dict(peaks)


@pytest.fixture(scope="session")
def demo(demo_and_peaks: tuple[Demo, dict[str, float]]) -> Demo:
    """Return a demo that ended well; building its images is part of it."""
    return demo_and_peaks[0]


@pytest.fixture(scope="session")
def peaks(demo_and_peaks: tuple[Demo, dict[str, float]]) -> dict[str, float]:
    """Return each service's peak of memory during the demo, in bytes."""
    return demo_and_peaks[1]


@pytest.fixture(scope="session")
def kept_up() -> set[str]:
    """Return the services that stay up."""
    return KEPT_UP


@pytest.fixture(scope="session")
def held() -> dict[str, set[str]]:
    """Return the secrets that each service holds, and nothing else does."""
    return HELD
