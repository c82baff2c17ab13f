"""Ports are checked before anything starts, and a problem names the variable that solves it."""

import socket

import pytest

from mercado.errors import ConfigurationError, PortTakenError
from mercado.local.ports import Ports, port_answers, require_free
from tests.ports import free_port

NAMES = ("AIRFLOW_PORT", "MLFLOW_PORT", "API_PORT", "POSTGRES_PORT", "SIMULATORS_PORT")


def test_free_ports_are_accepted() -> None:
    require_free({"API_PORT": free_port()}, command="make demo")


def test_a_taken_port_names_its_variable_and_a_command_with_another_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert port_answers(port)
        with pytest.raises(PortTakenError, match=rf"Port {port} is in use .* `API_PORT=\d+ make demo`"):
            require_free({"API_PORT": port}, command="make demo")
    assert not port_answers(port)


def test_one_port_for_two_services_names_both() -> None:
    with pytest.raises(ConfigurationError, match=r"MLFLOW_PORT and API_PORT are both 8000"):
        require_free({"MLFLOW_PORT": 8000, "API_PORT": 8000}, command="make local")


def test_the_simulators_need_a_port_only_where_sources_are_simulated() -> None:
    ports = Ports(**{name: 9000 + place for place, name in enumerate(NAMES)})
    assert set(ports.needed(simulated=True)) == set(NAMES)
    assert set(ports.needed(simulated=False)) == set(NAMES) - {"SIMULATORS_PORT"}
