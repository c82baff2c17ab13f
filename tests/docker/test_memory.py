"""Each service stays within its budget of memory through the whole demo."""

import os
from datetime import UTC, datetime

import pytest

from tests.demo import Demo
from tests.docker.memory import KEPT_UP, MEGABYTE, recorded, write_record
from tests.docker_engine import containers, service

pytestmark = pytest.mark.timeout(900)
RECORDING = "MERCADO_RECORD_MEMORY"


def test_no_service_takes_more_than_its_budget(demo: Demo, peaks: dict[str, float]) -> None:
    limits = {service(container): container["HostConfig"]["Memory"] for container in containers(demo)}
    measured = {
        name: {"peak_mb": round(peaks[name] / MEGABYTE), "limit_mb": round(limits[name] / MEGABYTE)} for name in KEPT_UP
    }
    if os.environ.get(RECORDING):
        day = datetime.now(UTC).date().isoformat()
        write_record({"command": f"{RECORDING}=1 make test-docker", "date": day, "services": measured})
    budget = recorded()["services"]
    assert {name for name, each in measured.items() if each["peak_mb"] > 0.8 * each["limit_mb"]} == set()
    assert {name for name, each in measured.items() if each["peak_mb"] > 1.5 * budget[name]["peak_mb"] + 20} == set()
