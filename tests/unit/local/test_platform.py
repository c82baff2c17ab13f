"""A platform is what its settings file, the defaults, the environment and its own running record say."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mercado.errors import ConfigurationError
from mercado.local.platform import CHOICES, Platform
from mercado.local.record import RunningRecord
from mercado.local.runtime import LocalProcesses
from mercado.local.settings_files import write_demo_settings


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a demo that was never started, untouched by this environment's own choices."""
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "demo"
    write_demo_settings(folder)
    return folder


@pytest.fixture
def supervisord() -> Iterator[int]:
    """Yield the id of a process whose command line looks like the daemon's."""
    command = [sys.executable, "-c", "import time; time.sleep(60)", "supervisord"]
    with subprocess.Popen(command) as process:
        yield process.pid
        process.kill()


def rewrite(file: Path, name: str, value: str | None) -> None:
    lines = [line for line in file.read_text().splitlines() if not line.startswith(f"{name}=")]
    file.write_text("\n".join([*lines, *([f"{name}={value}"] if value is not None else [])]) + "\n")


def test_a_variable_missing_from_an_older_file_has_its_default(state: Path) -> None:
    rewrite(state / "env", "MERCADO_TRAINING_SEED", None)
    assert Platform.demo(state).values["MERCADO_TRAINING_SEED"] == "7"


@pytest.mark.parametrize(
    ("value", "problem"), [("", "is missing"), (None, "is missing"), ("Postgres", "known default")]
)
def test_a_missing_or_default_secret_is_refused_by_name(state: Path, value: str | None, problem: str) -> None:
    Platform.demo(state).require_secrets()
    rewrite(state / "env", "WAREHOUSE_DB_PASSWORD", value)
    with pytest.raises(ConfigurationError, match=f"WAREHOUSE_DB_PASSWORD in .*{problem}"):
        Platform.demo(state).require_secrets()


def test_a_port_that_is_no_number_is_one_line_that_names_it(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_PORT", "eight")
    with pytest.raises(ConfigurationError, match=r"API_PORT: .* valid integer") as caught:
        _ = Platform.demo(state).ports
    assert "\n" not in str(caught.value)


def test_the_environment_chooses_ports_only_until_the_platform_runs(
    state: Path, monkeypatch: pytest.MonkeyPatch, supervisord: int
) -> None:
    monkeypatch.setenv("API_PORT", "9001")
    started = Platform.demo(state)
    assert started.ports.api == 9001
    RunningRecord(supervisord, started.choices).write(state)
    monkeypatch.setenv("API_PORT", "9002")
    assert Platform.demo(state).ports.api == 9001


def test_the_record_of_a_daemon_that_has_ended_counts_no_more(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RunningRecord(os.getpid(), Platform.demo(state).choices | {"API_PORT": "9001"}).write(state)  # no supervisord
    assert RunningRecord.read(state) is None
    assert Platform.demo(state).ports.api == 8000


def test_the_demo_refuses_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "work.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="is not empty and no demo's folder"):
        write_demo_settings(tmp_path)


def test_destroying_deletes_what_the_platform_wrote_and_nothing_else(state: Path) -> None:
    (state / "notes.txt").write_text("mine")
    (state / "logs").mkdir()
    LocalProcesses(Platform.demo(state)).destroy()
    assert [path.name for path in state.iterdir()] == ["notes.txt"]
