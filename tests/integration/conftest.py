"""Fixtures of the integration tests: Binance simulators."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mercado.settings import BinanceSettings
from tests.simulators.running import SimulatorHandle, running_simulator

GENESIS = datetime(2023, 11, 20, tzinfo=UTC)
NOW = datetime(2024, 6, 3, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def simulator_for_session() -> Iterator[SimulatorHandle]:
    with running_simulator(genesis=GENESIS, now=NOW) as simulator:
        yield simulator


@pytest.fixture
def simulator(simulator_for_session: SimulatorHandle) -> SimulatorHandle:
    """Return a simulator of half a year of hours, without faults, with an empty log, its clock at `NOW`."""
    simulator_for_session.clear_faults()
    simulator_for_session.clear_requests()
    simulator_for_session.set_now(NOW)
    return simulator_for_session


@pytest.fixture
def binance(simulator: SimulatorHandle) -> BinanceSettings:
    """Return settings that point at the simulator and give up soon."""
    return BinanceSettings.model_validate(
        {
            "BINANCE_BASE_URL": simulator.base_url,
            "BINANCE_ARCHIVE_URL": simulator.archive_url,
            "BINANCE_ATTEMPTS": 3,
            "BINANCE_LONGEST_WAIT_SECONDS": 5,
        }
    )
