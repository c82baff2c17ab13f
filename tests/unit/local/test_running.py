"""Which platform is meant when none is named: the one that runs, and no guess when there is none or several."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mercado.errors import ConfigurationError
from mercado.local import running
from mercado.local.platform import Platform
from mercado.local.running import DOCKER, LOCAL, Running, the_running_platform
from mercado.local.settings_files import write_demo_settings


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that says which platforms run."""
    write_demo_settings(tmp_path / "demo")
    demo = Platform.demo(tmp_path / "demo")

    def say(*found: tuple[str, str | None]) -> None:
        platforms = [Running(demo, runtime, project) for runtime, project in found]
        monkeypatch.setattr(running, "running_platforms", lambda: platforms)

    return say


def test_the_only_one_is_meant(run: Callable[..., None]) -> None:
    run((LOCAL, None))
    assert the_running_platform().runtime == LOCAL


def test_when_none_runs_the_ways_to_start_one_are_named(run: Callable[..., None]) -> None:
    run((LOCAL, None))
    with pytest.raises(ConfigurationError, match=r"No platform runs: start it .*make local"):
        the_running_platform(runtime=DOCKER)


def test_of_several_all_are_named_and_one_can_be_chosen(run: Callable[..., None]) -> None:
    run((LOCAL, None), (DOCKER, "mercado"), (DOCKER, "mercado-demo"))
    with pytest.raises(ConfigurationError, match=r"3 platforms run: .*local processes.*project mercado,.*--project"):
        the_running_platform()
    assert the_running_platform(runtime=LOCAL).project is None
    assert the_running_platform(project="mercado-demo").project == "mercado-demo"


def test_without_an_engine_there_are_no_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert [found for found in running.running_platforms() if found.runtime == DOCKER] == []
