"""How many workers and APIs a platform in containers has, and that a demo keeps what was chosen."""

import os
from pathlib import Path

import pytest

from mercado.environment import set_in_env_file
from mercado.errors import ConfigurationError
from mercado.local.compose import ComposeServices
from mercado.local.platform import Platform
from mercado.local.settings_files import write_demo_scale, write_demo_settings
from tests.commands import run_mercado


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return the folder of a demo that was never started."""
    folder = tmp_path / "demo"
    write_demo_settings(folder)
    return folder


def test_without_a_word_the_scheduler_runs_the_tasks_and_there_is_one_api(state: Path) -> None:
    platform = Platform.demo(state)
    assert (platform.workers, platform.replicas) == (0, 1)
    assert ComposeServices(platform).description == "containers"


def test_what_was_chosen_is_kept_until_it_is_changed(state: Path) -> None:
    write_demo_scale(state, workers=2, replicas=None)
    write_demo_scale(state, workers=None, replicas=3)
    write_demo_settings(state)
    platform = Platform.demo(state)
    assert (platform.workers, platform.replicas) == (2, 3)
    assert ComposeServices(platform).description == "containers, among them 2 workers and 3 APIs"


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("MERCADO_CELERY_WORKERS", "two", "0 to 100"),
        ("MERCADO_CELERY_WORKERS", "-1", "0 to 100"),
        ("MERCADO_API_REPLICAS", "0", "1 to 16"),
        ("MERCADO_API_REPLICAS", "17", "1 to 16"),
    ],
)
def test_a_number_that_is_none_is_one_line_that_names_the_variable(
    state: Path, name: str, value: str, bounds: str
) -> None:
    set_in_env_file(state / "env", {name: value})
    platform = Platform.demo(state)
    with pytest.raises(ConfigurationError, match=f"{name} in .* must be a whole number, {bounds}"):
        _ = platform.workers, platform.replicas


def test_workers_of_local_processes_are_refused(state: Path) -> None:
    finished = run_mercado(dict(os.environ), "demo", "start", "--state", str(state), "--workers", "2")
    assert finished.returncode == 2
    assert "--runtime docker" in finished.stderr
    assert Platform.demo(state).workers == 0
