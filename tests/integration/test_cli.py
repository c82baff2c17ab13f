"""The command line against real services, and what it says when something is wrong: one line, never a traceback."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pytest
from pydantic import SecretStr

from mercado.bitcoin.export import export_candles
from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.forecaster import FeatureTableForecaster
from mercado.bitcoin.whole_files import draft_of
from mercado.environment import filled, fresh_values
from mercado.errors import StorageFullError
from mercado.local.platform import EXAMPLE
from mercado.registry import REASON_TAG, VERDICT_TAG, Registry
from mercado.tracking import TrackedRun
from mercado.warehouse.connection import connect
from tests.api.builders import train_forecaster
from tests.commands import MERCADO, run_command, run_mercado
from tests.conftest import DatabaseServer
from tests.integration.trainings import HOUR, empty_registry
from tests.mlflow_server import MlflowServer
from tests.simulators.running import SimulatorHandle

NOWHERE = "postgresql://somebody:very-secret@127.0.0.1:1/warehouse_db"
SETTINGS = ("MERCADO_", "MLFLOW_", "BINANCE_", "POSTGRES_", "WAREHOUSE_", "OPTUNA_")
Environment = dict[str, str]


@pytest.fixture
def unset() -> Environment:
    """The environment without any setting of Mercado's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return environment | {"MERCADO_ENV_FILE": os.devnull}


@pytest.fixture
def registry(mlflow_server: MlflowServer) -> Iterator[Registry]:
    empty_registry(mlflow_server.uri)
    yield Registry(mlflow_server.uri)
    empty_registry(mlflow_server.uri)


@pytest.fixture
def on_mlflow(unset: Environment, mlflow_server: MlflowServer) -> Environment:
    return unset | {"MLFLOW_TRACKING_URI": mlflow_server.uri}


def register_three_versions(registry: Registry, uri: str, folder: Path) -> None:
    forecaster = train_forecaster()
    forecaster.save(folder)
    example = pd.DataFrame(np.zeros((1, len(FEATURE_NAMES)), dtype=np.float32), columns=list(FEATURE_NAMES))
    answer = FeatureTableForecaster(forecaster).predict(example)
    for number, verdict in enumerate(("promoted", "rejected", "leaking"), start=1):
        run = TrackedRun.start(uri, experiment="tests", name=verdict, note="")
        registry.register(
            folder, run_id=run.run_id, input_example=example, output_example=answer, metadata={}, certified=number < 3
        )
        registry.tag(number, {VERDICT_TAG: verdict, REASON_TAG: f"The reason of {number}."})


def test_versions_are_listed_and_promoted_by_number(
    registry: Registry, mlflow_server: MlflowServer, on_mlflow: Environment, tmp_path: Path
) -> None:
    register_three_versions(registry, mlflow_server.uri, tmp_path / "forecaster")
    promoted = run_mercado(on_mlflow, "model", "promote", "1")
    assert (promoted.returncode, promoted.stderr) == (0, "")
    assert promoted.stdout == "bitcoin-forecaster version 1 is champion now.\n"
    listed = run_mercado(on_mlflow, "model", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["3", "2", "1"]
    assert " champion  " in listed[2]
    assert listed[2].endswith("promoted: The reason of 1.")
    assert listed[1].endswith("-           rejected: The reason of 2.")
    refused = run_mercado(on_mlflow, "model", "promote", "3")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Version 3 of bitcoin-forecaster holds no leak certificate" in refused.stderr
    assert run_mercado(on_mlflow, "model", "promote", "2").returncode == 0
    back = run_mercado(on_mlflow, "model", "rollback")
    assert (back.returncode, back.stdout) == (0, "bitcoin-forecaster version 1 is champion again.\n")
    assert_one_line(
        on_mlflow, "model", "rollback", says="No version of bitcoin-forecaster was champion before version 1"
    )


def test_an_empty_registry_says_how_to_fill_it(registry: Registry, on_mlflow: Environment) -> None:
    listed = run_mercado(on_mlflow, "model", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "No version yet: `mercado bitcoin train`" in listed.stdout


def assert_one_line(environment: Environment, *arguments: str, says: str, status: int = 1) -> None:
    """Fail unless the command ends with ``status`` and one line on standard error that says ``says``."""
    finished = run_mercado(environment, *arguments)
    assert finished.returncode == status, finished.stderr
    assert finished.stderr.startswith("Error: ")
    assert finished.stderr.count("\n") == 1, finished.stderr
    assert says in finished.stderr
    assert "very-secret" not in finished.stderr + finished.stdout


@pytest.mark.parametrize(
    ("settings", "arguments", "says"),
    [
        ({"MERCADO_WAREHOUSE_URL": NOWHERE}, "migrate", "The warehouse does not answer (127.0.0.1:1/warehouse_db)"),
        ({"MERCADO_WAREHOUSE_URL": "very-secret"}, "migrate", "MERCADO_WAREHOUSE_URL: expected postgresql://"),
        ({}, "migrate", "neither MERCADO_WAREHOUSE_URL nor WAREHOUSE_DB_PASSWORD is set"),
        ({"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}, "model list", "MLflow at http://127.0.0.1:1 cannot answer"),
    ],
)
def test_a_setting_that_leads_nowhere_is_named(
    unset: Environment, settings: Environment, arguments: str, says: str
) -> None:
    assert_one_line(unset | settings, *arguments.split(), says=says)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("bitcoin download --interval 7h", "'--interval': Value error, '7h' is not one of '1m',"),
        ("bitcoin downlaod", "No such command 'downlaod'."),
        ("model promote", "Missing argument 'version'. See `mercado model promote --help`."),
    ],
)
def test_a_wrong_option_or_argument_is_named_with_status_2(unset: Environment, arguments: str, says: str) -> None:
    assert_one_line(unset, *arguments.split(), says=says, status=2)


def test_a_secret_that_everybody_knows_is_refused_by_name(unset: Environment, tmp_path: Path) -> None:
    (tmp_path / "env").write_text(filled(EXAMPLE.read_text(), fresh_values() | {"POSTGRES_PASSWORD": "postgres"}))
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that in no case anything is started
        environment = unset | {"AIRFLOW_PORT": str(taken.getsockname()[1])}
        says = f"POSTGRES_PASSWORD in {tmp_path / 'env'} is a known default."
        assert_one_line(environment, "demo", "up", "--state", str(tmp_path), says=says)


def test_an_unmigrated_warehouse_is_refused_with_the_remedy(
    unset: Environment, database_server: DatabaseServer
) -> None:
    url = database_server.create_database("never_migrated_db").get_secret_value()
    assert_one_line(unset | {"MERCADO_WAREHOUSE_URL": url}, "bitcoin", "download", says="run `mercado migrate`")


def test_a_source_that_does_not_answer_is_named(mercado_command: Environment) -> None:
    nowhere = {"BINANCE_BASE_URL": "http://127.0.0.1:1", "BINANCE_ARCHIVE_URL": "", "BINANCE_ATTEMPTS": "1"}
    assert_one_line(mercado_command | nowhere, "bitcoin", "download", says="http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [("migrate", "mercado.errors.ServiceUnavailableError: "), ("bitcoin download --interval 7h", "BadParameter: ")],
)
def test_debug_shows_the_traceback(unset: Environment, arguments: str, error: str) -> None:
    finished = run_mercado(unset | {"MERCADO_WAREHOUSE_URL": NOWHERE}, "--debug", *arguments.split())
    assert finished.returncode != 0
    assert finished.stderr.startswith("Traceback (most recent call last):")
    assert error in finished.stderr
    assert "very-secret" not in finished.stderr


@pytest.fixture
def on_simulator(mercado_command: Environment, simulator: SimulatorHandle) -> Environment:
    return mercado_command | {"BINANCE_BASE_URL": simulator.base_url, "BINANCE_ARCHIVE_URL": simulator.archive_url}


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """An export of an earlier day, in the folder that the command writes to."""
    file = tmp_path / "data" / "bitcoin" / "BTCUSDT-1h.csv"
    file.parent.mkdir(parents=True)
    file.write_text("as it was before\n")
    return file


@pytest.mark.usefixtures("warehouse")
def test_an_export_that_finds_no_space_keeps_the_old_file_and_leaves_no_other(
    on_simulator: Environment, csv: Path
) -> None:
    assert run_mercado(on_simulator, "bitcoin", "download", "--no-export").returncode == 0
    # Files may grow to 64 KiB, whoever runs this: for the command that is a disk which is full.
    limited = ["sh", "-c", 'ulimit -f 128 && exec "$0" "$@"', MERCADO, "bitcoin", "download"]
    finished = run_command(on_simulator, *limited)
    assert finished.returncode == 1
    assert finished.stderr == (
        f"Error: No space left for {csv} (File too large); the old file is kept. Free some, run again.\n"
    )
    assert [file.name for file in csv.parent.iterdir()] == [csv.name]
    assert csv.read_text() == "as it was before\n"
    assert run_mercado(on_simulator, "bitcoin", "download").returncode == 0
    assert csv.read_text().startswith("open_time_utc,")


def test_a_full_disk_is_told_from_other_faults(reversal_warehouse: SecretStr, csv: Path) -> None:
    draft_of(csv).symlink_to("/dev/full")
    with (
        connect(reversal_warehouse) as connection,
        pytest.raises(StorageFullError, match=r"No space left on device.*the old file is kept"),
    ):
        export_candles(connection, "BTCUSDT", HOUR, csv.parent)
    assert [file.name for file in csv.parent.iterdir()] == [csv.name]
    assert csv.read_text() == "as it was before\n"


def test_after_a_full_disk_the_connection_is_still_good(reversal_warehouse: SecretStr, csv: Path) -> None:
    draft_of(csv).symlink_to("/dev/full")
    with connect(reversal_warehouse) as connection:
        with pytest.raises(StorageFullError):
            export_candles(connection, "BTCUSDT", HOUR, csv.parent)
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        export_candles(connection, "BTCUSDT", HOUR, csv.parent)
    assert csv.read_text().startswith("open_time_utc,")


@pytest.mark.usefixtures("warehouse")
def test_a_folder_that_cannot_be_made_is_named(on_simulator: Environment, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = on_simulator | {"MERCADO_DATA_DIR": str(tmp_path / "file")}
    assert_one_line(environment, "bitcoin", "download", says=f"Not a directory ({tmp_path / 'file' / 'bitcoin'}).")
