"""One clean clone with one demo for all tests of the documentation."""

from collections.abc import Iterator

import pytest

from tests.documentation.clone import Clone
from tests.documentation.registry import Run


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Yield a clean clone; whatever was started in it is stopped and deleted afterwards."""
    clone = Clone.make(tmp_path_factory.mktemp("clone") / "mercado")
    yield clone
    if (clone.folder / ".demo").exists():
        destroyed = clone.type(Run("make demo-destroy", answer="y\n"))
        assert destroyed.returncode == 0, destroyed.stderr
