"""One demo of local processes for all end-to-end tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo import Demo, running_demo

SERIES = "BTCUSDT-1h,ETHUSDT-4h"

# The doctor examines a fresh demo and leaves it so; the demo's own tests end by stopping it.
RANKS = {"test_doctor.py": 0, "test_demo.py": 2}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of this folder, wherever they stand among the others, into their order."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    tests = sorted((items[place] for place in places), key=lambda item: RANKS.get(item.path.name, 1))
    for place, item in zip(places, tests, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Yield a demo of two series that ended well."""
    with running_demo(tmp_path_factory.mktemp("demo"), series=SERIES) as demo:
        yield demo
