"""The demo, from nothing to a served prediction, and what a person finds afterwards."""

import os
import re
import socket
from pathlib import Path

import pytest
import requests

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.store import read_candles
from mercado.local.platform import CHOICES
from mercado.registry import Registry
from mercado.warehouse.connection import connect
from tests.e2e.conftest import Demo
from tests.ports import free_port

pytestmark = pytest.mark.timeout(600)
DAGS = ("bitcoin_data_ingestion", "bitcoin_training_pipeline")


def api(demo: Demo, path: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{demo.platform.ports.api}{path}", timeout=30)


def test_it_ends_with_the_prediction_the_metrics_and_the_addresses(demo: Demo) -> None:
    ports = demo.platform.ports
    assert "SIMULATED" in demo.output
    assert re.search(r"model bitcoin-forecaster version 1, run [0-9a-f]{32}", demo.output)
    assert re.search(r"P\(up\) 0\.\d{3}", demo.output)
    assert [
        name for name in ("model", "climatology", "reversal", "random_walk") if f"  {name}" not in demo.output
    ] == []
    assert [port for port in (ports.airflow, ports.mlflow, ports.api) if f"localhost:{port}" not in demo.output] == []


def test_the_prediction_is_served_and_says_that_its_candles_are_simulated(demo: Demo) -> None:
    answer = api(demo, "/predict")
    assert answer.status_code == 200
    assert answer.json()["data_origin"].startswith("simulator: binance; profile=reversal")
    assert (
        answer.json()["model"]["version"]
        == Registry(f"http://127.0.0.1:{demo.platform.ports.mlflow}").versions()[0].version
    )


def test_given_candles_and_stored_candles_give_the_same_forecast(demo: Demo) -> None:
    stored = api(demo, "/predict").json()
    with connect(demo.platform.database_url("warehouse")) as connection:
        series = read_candles(connection, "BTCUSDT", CandleInterval.ONE_HOUR, last=1000)
    columns = ("open_time_ms", "open", "high", "low", "close", "volume")
    candles = {name: getattr(series, name).tolist() for name in columns}
    body = {"symbol": "BTCUSDT", "interval": "1h", "candles": candles}
    given = requests.post(f"http://127.0.0.1:{demo.platform.ports.api}/predict", json=body, timeout=30)
    if stored["filled_candles"]:
        assert given.status_code == 422
    else:
        assert {**given.json(), "as_of_utc": ""} | {"data_origin": "", "candle_age_seconds": 0} == {
            **stored,
            "as_of_utc": "",
        } | {"data_origin": "", "candle_age_seconds": 0}


def test_every_task_of_every_dag_is_green_and_no_file_has_an_import_error(demo: Demo) -> None:
    airflow = demo.airflow
    assert airflow.import_errors() == []
    for dag_id in DAGS:
        (run_id,) = airflow.run_ids(dag_id)
        assert set(airflow.tasks(dag_id, run_id).values()) == {"success"}


def test_the_connection_and_the_variables_are_in_airflows_database_and_the_connection_test_works(demo: Demo) -> None:
    airflow = demo.airflow
    assert airflow.variables() == {
        "sipsa_wsdl_url": "https://appweb.dane.gov.co/sipsaWS/SrvSipsaUpraBeanService?WSDL",
        "sipsa_historical_start_date": "2023-01-01",
        "sipsa_retry_delay_minutes": "60",
    }
    assert airflow.connection_works("postgres_sipsa")


def test_doctor_finds_nothing_wrong(demo: Demo) -> None:
    finished = demo.run("doctor")
    assert finished.returncode == 0, finished.stdout
    assert "FAULT" not in finished.stdout


def test_no_secret_stands_on_a_command_line_or_in_a_log(demo: Demo) -> None:
    values = demo.platform.values
    secrets = [
        value.encode() for name, value in values.items() if name.endswith(("PASSWORD", "KEY", "SECRET")) and value
    ]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes()
        except OSError:
            continue
        assert [secret for secret in secrets if secret in line] == []
    for log in demo.state.rglob("*.log"):
        text = log.read_bytes()
        assert [secret for secret in secrets if secret in text] == [], log


def test_a_taken_port_is_one_clear_line_and_nothing_is_started(demo: Demo, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {name: str(free_port()) for name in CHOICES if name.endswith("_PORT")}
        ports["API_PORT"] = str(taken.getsockname()[1])
        finished = Demo(tmp_path / "other", demo.environment | ports, "").run("demo", "up")
    assert finished.returncode == 1
    assert finished.stderr.count("\n") == 1
    assert f"Port {ports['API_PORT']} is in use by another program" in finished.stderr
    assert "API_PORT in .env" in finished.stderr
    assert not (tmp_path / "other" / "supervisord.conf").exists()


def test_stopped_and_started_again_it_still_has_its_data_and_serves_the_same_model(demo: Demo) -> None:
    before = api(demo, "/model").json()
    with connect(demo.platform.database_url("warehouse")) as connection:
        rows = connection.execute("select count(*) from market_data.klines").fetchone()
    assert demo.run("demo", "down").returncode == 0
    with pytest.raises(requests.ConnectionError):
        api(demo, "/health/live")
    assert _processes_of(demo) == []
    again = demo.run("demo", "up")
    assert again.returncode == 0, f"{again.stdout}\n{again.stderr}"
    after = api(demo, "/model").json()
    with connect(demo.platform.database_url("warehouse")) as connection:
        rows_after = connection.execute("select count(*) from market_data.klines").fetchone()
    assert rows is not None
    assert rows_after is not None
    assert rows_after[0] >= rows[0]
    if rows_after == rows:  # no hour ended meanwhile, so no new candle started another training
        assert after | {"loaded_at_utc": ""} == before | {"loaded_at_utc": ""}


def _processes_of(demo: Demo) -> list[str]:
    """Return the command lines of processes that were started for the demo."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_text().replace("\0", " ")
            belongs = str(demo.state).encode() in (process / "environ").read_bytes()
        except OSError:
            continue
        if belongs and process.name != str(os.getpid()):
            found.append(line)
    return found
