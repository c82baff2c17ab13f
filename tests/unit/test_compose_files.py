"""The Compose files agree where one states again what another one states."""

from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parent.parent.parent
# What a training is given besides addresses and secrets.
TRAININGS = ("MERCADO_TRAINING_", "MERCADO_GATE_", "MERCADO_SERIES")


def services(file: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((REPOSITORY / file).read_text(encoding="utf-8"))["services"]
    return found


def test_a_worker_elsewhere_trains_as_the_platform_does() -> None:
    own = services("docker-compose.yml")["airflow-scheduler"]["environment"]
    elsewhere = services("docker-compose.worker.yml")["airflow-train-worker"]["environment"]
    stated = {name: value for name, value in own.items() if name.startswith(TRAININGS)}
    assert len(stated) > 10
    assert {name: value for name, value in elsewhere.items() if name.startswith(TRAININGS)} == stated


def test_a_worker_elsewhere_is_as_confined_as_any_service_of_the_platform() -> None:
    own = services("docker-compose.yml")["airflow-scheduler"]
    elsewhere = services("docker-compose.worker.yml")["airflow-train-worker"]
    names = ("read_only", "tmpfs", "security_opt", "cap_drop", "pids_limit", "user", "logging", "restart")
    assert {name: elsewhere[name] for name in names} == {name: own[name] for name in names}
