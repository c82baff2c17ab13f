"""One demo in containers for all tests on Docker."""

import os
from collections.abc import Iterator

import pytest

from tests.demo import Demo, running_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Yield a demo that ended well; building its images is part of it."""
    project = f"mercado-test-{os.getpid()}"
    with running_demo(tmp_path_factory.mktemp("demo"), "--runtime", "docker", "--project", project) as demo:
        yield demo
