"""What the documentation does with containers, typed in a fresh clone; real sources are not asked."""

from collections.abc import Iterator

import pytest

from mercado.environment import set_in_env_file
from tests.documentation.checking import check
from tests.documentation.clone import Clone
from tests.documentation.registry import Run, runs
from tests.documentation.test_local_commands import SOURCES

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Yield a clone whose containers and volumes have names of their own."""
    clone = Clone.make(tmp_path_factory.mktemp("clone") / "mercado")
    clone.environment["COMPOSE_PROJECT_NAME"] = f"mercado-docs-{clone.folder.parent.name}"
    assert clone.type(Run("make env")).returncode == 0
    set_in_env_file(clone.folder / ".env", SOURCES)
    yield clone
    clone.type(Run("make destroy", answer="y\n"))


@pytest.mark.parametrize("run", runs("docker"), ids=lambda run: run.command)
def test_a_command_works_on_an_engine(fresh: Clone, run: Run) -> None:
    check(run, fresh.type(run))
