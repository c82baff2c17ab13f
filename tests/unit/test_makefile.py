"""What `make` says when what a target needs is not there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("target", ["up", "down", "destroy", "logs", "ps"])
def test_without_an_engine_a_docker_target_is_one_line_that_names_the_way_without(target: str) -> None:
    environment = os.environ | {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    finished = subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode != 0
    assert finished.stdout.splitlines() == [
        "No Docker engine with Compose v2 answers. Start one, or run the platform without: make local"
    ]


@pytest.mark.parametrize(
    ("options", "files", "proxy"),
    [
        ([], ["docker-compose.yml"], False),
        (["SCALE=0", "API_REPLICAS=1"], ["docker-compose.yml"], False),
        (["SCALE=3"], ["docker-compose.yml", "docker-compose.celery.yml"], False),
        (["API_REPLICAS=2"], ["docker-compose.yml"], True),
        (["SCALE=1", "DEV=1"], ["docker-compose.yml", "docker-compose.celery.yml", "docker-compose.dev.yml"], False),
    ],
)
def test_up_takes_the_files_and_profiles_of_what_is_asked_for(
    options: list[str], files: list[str], proxy: bool, tmp_path: Path
) -> None:
    command = ["make", "--no-print-directory", "--dry-run", "--file", str(REPOSITORY / "Makefile"), "up", *options]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    (started,) = [line for line in printed.splitlines() if " up --detach" in line]
    assert re.findall(r"-f (\S+)", started) == files
    assert ("--profile proxy" in started) == proxy
    # One that runs from before has the API's port.
    assert ("rm --stop --force proxy" in printed) != proxy


def test_down_ends_workers_that_the_settings_no_longer_ask_for(tmp_path: Path) -> None:
    command = ["make", "--no-print-directory", "--dry-run", "--file", str(REPOSITORY / "Makefile"), "down"]
    for settings, known in (("", False), ("REDIS_PASSWORD=x\n", True)):
        (tmp_path / ".env").write_text(settings)
        printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        assert ("docker-compose.celery.yml" in printed) == known


def test_make_alone_lists_every_documented_target_once() -> None:
    command = ["make", "--no-print-directory"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in listed.splitlines()]
    assert len(names) == len(set(names))
    assert {"demo", "test", "up", "down", "local", "test-docker", "doctor", "help"} <= set(names)


def test_a_restore_without_a_backup_says_what_is_missing() -> None:
    command = ["make", "--no-print-directory", "restore"]
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert finished.returncode != 0
    assert finished.stdout.splitlines()[-1] == "Which? make restore BACKUP=data/backups/mercado-…"


def test_the_two_parts_of_the_integration_tests_are_all_of_them() -> None:
    folder = REPOSITORY / "tests" / "integration"
    parts = re.findall(r"tests/integration/(test_\S+\.py)", (REPOSITORY / "Makefile").read_text(encoding="utf-8"))
    named = [file for part in parts for file in folder.glob(part)]
    assert len(parts) == 2
    assert sorted(named) == sorted(folder.glob("test_*.py"))
