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
