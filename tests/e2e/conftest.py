"""One demo of local processes for all end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.demo import Demo, running_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Yield a demo that ended well."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo
