"""What the documentation does with a stopped platform and with `make local`, which here asks no real source."""

from collections.abc import Iterator

import pytest

from mercado.environment import set_in_env_file
from tests.documentation.checking import check
from tests.documentation.clone import Clone
from tests.documentation.registry import Run, runs

pytestmark = pytest.mark.timeout(1800)
# Where nobody listens: the platform starts the same programs as ever, and its DAGs wait for their sources.
NOWHERE = "http://127.0.0.1:9"
SOURCES = {"BINANCE_BASE_URL": NOWHERE, "BINANCE_ARCHIVE_URL": NOWHERE, "SIPSA_WSDL_URL": f"{NOWHERE}/?WSDL"}


@pytest.fixture(scope="module")
def without_sources(clone: Clone) -> Iterator[Clone]:
    """Yield the clone with settings of its own."""
    assert clone.type(Run("make env")).returncode == 0
    set_in_env_file(clone.folder / ".env", SOURCES)
    yield clone
    clone.type(Run("make local-destroy", answer="y\n"))


@pytest.mark.parametrize("run", runs("local"), ids=lambda run: run.command)
def test_a_command_works_on_the_local_platform(without_sources: Clone, run: Run) -> None:
    check(run, without_sources.type(run))
