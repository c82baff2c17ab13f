"""What a demo promises, whatever it runs on; each kind's tests inherit this class and bring the fixture ``demo``."""

import hashlib
import re
from pathlib import Path

import requests

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.store import read_candles
from mercado.local.access import api_headers
from mercado.local.waiting import wait_until
from mercado.registry import Registry
from mercado.sipsa.contract import OPERATIONS
from mercado.warehouse.connection import connect
from tests.demo import Demo
from tests.secret_traces import DUMPED, dumps, secrets_in

DAGS = (
    "bitcoin_data_ingestion",
    "bitcoin_training_pipeline",
    "dane_sipsa_prices_ingestion",
    "file_ingestion_from_excel",
    "platform_maintenance",
    "prediction_monitoring",
)
VARIABLES = {"sipsa_historical_start_date": "2023-01-01", "sipsa_retry_delay_minutes": "60"}
NAIVE = ("climatology", "reversal", "persistence", "drift", "random_walk")
COLUMNS = ("open_time_ms", "open", "high", "low", "close", "volume")
# What may differ between two forecasts of one model from the same candles.
OF_THE_MOMENT = {"data_origin": ""}


def stored_count(demo: Demo) -> int:
    with connect(demo.platform.database_url("warehouse")) as connection:
        row = connection.execute("select count(*) from market_data.klines").fetchone()
    assert row is not None
    return int(row[0])


SIPSA_ROWS = """
    select l.scope, l.rows_read, l.rows_rejected, l.origin
    from ops.loads as l where l.source = 'sipsa' and l.status = 'succeeded' order by l.load_id limit 6
"""


LEDGER = "select status, layout, kept_at from sipsa_data.file_ingestion_log where status = 'loaded'"


def runs_in_a_demo(task: str) -> bool:
    """Return whether a task has something to do.

    Nobody is asked, nothing is trained again, and a series beside the first one may have no champion to watch.
    """
    name, _, instance = task.partition(" ")
    return name not in ("approve", "decide", "retrain") and instance not in ("ETHUSDT-4h", "1")


class DemoPromises:
    """The tests, in order: the last one stops the demo and starts it again."""

    def test_it_ends_with_the_prediction_the_metrics_and_the_addresses(self, demo: Demo) -> None:
        ports = demo.platform.ports
        assert "SIMULATED" in demo.output
        assert re.search(r"model bitcoin-forecaster version 1, run [0-9a-f]{32}", demo.output)
        assert re.search(r"P\(up\) 0\.\d{3}", demo.output)
        assert [name for name in ("model", *NAIVE) if f"  {name}" not in demo.output] == []
        opened = (ports.airflow, ports.mlflow, ports.api)
        assert [port for port in opened if f"localhost:{port}" not in demo.output] == []

    def test_each_stage_says_what_it_shows_what_came_of_it_and_where_to_look(self, demo: Demo) -> None:
        lines = demo.output.splitlines()
        stages = [line for line in lines if re.match(r"\[\d/8\] ", line)]
        assert [stage[1] for stage in stages] == list("12345678")
        for label in ("  What it shows: ", "  Result: ", "  Where to look: "):
            assert len([line for line in lines if line.startswith(label) and line != label]) == len(stages), label
        assert [dag_id for dag_id in DAGS if f"/dags/{dag_id}/runs/" not in demo.output] == []
        assert "\x1b" not in demo.output

    def test_it_ends_with_a_table_of_its_stages_and_with_what_to_do_next(self, demo: Demo) -> None:
        table = demo.output.split("What happened")[1].splitlines()
        results = [line for line in table if re.match(r" +[1-8] ", line)]
        assert len(results) == 8
        assert [line for line in results if not re.search(r" \d+ s ", line)] == []
        assert demo.output.rstrip().splitlines()[-1].startswith("Next: make demo-tour")

    def test_the_tour_lists_five_sights_with_addresses_and_files_that_are_there(self, demo: Demo) -> None:
        before, tour, after = (demo.api("/predict").json(), demo.run("tour"), demo.api("/predict").json())
        assert (tour.returncode, tour.stderr) == (0, "")
        assert re.findall(r"^(\d)\. ", tour.stdout, flags=re.MULTILINE) == list("12345")
        assert [each for each in (before, after) if f"/predictions/{each['prediction_id']}" in tour.stdout]
        (source,) = re.findall(r"head -c \d+ (\S+)", tour.stdout)
        assert Path(source).is_file()
        (again, digest) = re.findall(r"curl -s (\S+) \| sha256sum\n +Must be: +([0-9a-f]{64})", tour.stdout)[0]
        assert hashlib.sha256(requests.get(again, timeout=30).content).hexdigest() == digest

    def test_the_prediction_is_served_and_says_that_its_candles_are_simulated(self, demo: Demo) -> None:
        answer = demo.api("/predict")
        assert answer.status_code == 200
        assert answer.json()["data_origin"].startswith("simulator: binance; profile=reversal")
        assert answer.json()["model"]["version"] == Registry(demo.mlflow).versions()[0].version

    def test_given_candles_and_stored_candles_give_the_same_forecast(self, demo: Demo) -> None:
        with connect(demo.platform.database_url("warehouse")) as connection:
            series = read_candles(connection, "BTCUSDT", CandleInterval.ONE_HOUR, last=1000)
        candles = {name: getattr(series, name).tolist() for name in COLUMNS}
        body = {"symbol": "BTCUSDT", "interval": "1h", "candles": candles}
        address, headers = f"http://127.0.0.1:{demo.platform.ports.api}/predict", api_headers(demo.platform)
        given = requests.post(address, json=body, headers=headers, timeout=30)
        stored = demo.api("/predict").json()
        if stored["filled_candles"]:
            assert given.status_code == 422
        else:
            assert given.json() | OF_THE_MOMENT == stored | OF_THE_MOMENT

    def test_the_same_model_files_forecast_the_same_in_this_process(self, demo: Demo, tmp_path: Path) -> None:
        registry = Registry(demo.mlflow)
        champion = registry.champion()
        assert champion is not None
        forecaster = Forecaster.load(registry.download(champion, tmp_path))
        with connect(demo.platform.database_url("warehouse")) as connection:
            series = read_candles(connection, "BTCUSDT", CandleInterval.ONE_HOUR)
        here, served = forecaster.forecast(series), demo.api("/predict").json()
        assert here.probability_up == served["probability_up"]
        assert here.forecast_price == served["forecast_price"]
        assert here.lower_price == served["price_interval"]["lower_price"]

    def test_every_task_of_every_dag_is_green_and_no_file_has_an_import_error(self, demo: Demo) -> None:
        airflow = demo.airflow
        assert airflow.import_errors() == []
        for dag_id in DAGS:
            runs = [airflow.tasks(dag_id, run_id) for run_id in airflow.run_ids(dag_id)]
            assert {state for tasks in runs for state in tasks.values()} <= {"success", "skipped"}
            # Later runs skip what is not new.
            ran = [{state for task, state in tasks.items() if runs_in_a_demo(task)} for tasks in runs]
            assert {"success"} in ran

    def test_the_food_prices_of_all_six_operations_are_loaded(self, demo: Demo) -> None:
        with connect(demo.platform.database_url("warehouse")) as connection:
            loads = connection.execute(SIPSA_ROWS).fetchall()
        assert {scope for scope, *_ in loads} == {operation.name for operation in OPERATIONS}
        assert {(read, rejected) for _, read, rejected, _ in loads} == {(20_000, 0)}
        assert all(origin.startswith("simulator: ") for *_, origin in loads)

    def test_the_dropped_workbooks_are_loaded_and_archived(self, demo: Demo) -> None:
        with connect(demo.platform.database_url("warehouse")) as connection:
            ledger = connection.execute(LEDGER).fetchall()
            weekly = connection.execute("select count(*) from sipsa_data.mayoristas_prices_weekly").fetchone()
        assert {status for status, *_ in ledger} == {"loaded"}
        assert {layout for _, layout, _ in ledger} == {"daily", "weekly"}
        assert weekly is not None
        assert weekly[0] > 4000
        data = demo.platform.data
        assert len(ledger) >= 6
        assert [kept_at for *_, kept_at in ledger if not (data / kept_at).is_file()] == []
        assert [file.name for file in (data / "landing_zone").iterdir() if not file.name.startswith(".")] == []

    def test_a_foreign_workbook_is_quarantined_with_a_report_and_fails_visibly(self, demo: Demo) -> None:
        earlier = set(demo.airflow.run_ids("file_ingestion_from_excel"))
        dropped = demo.platform.data / "landing_zone" / "foreign.xlsx"
        dropped.write_bytes(b"not a workbook at all")
        wait_until(
            lambda: (demo.platform.data / "quarantine" / "foreign.xlsx.report.md").is_file(),
            seconds=60,
            problem=lambda: "The file was not noticed.",
        )
        (run_id,) = set(demo.airflow.run_ids("file_ingestion_from_excel")) - earlier
        assert demo.airflow.watch("file_ingestion_from_excel", run_id, seconds=120) == "failed"
        assert not dropped.exists()

    def test_a_tasks_log_can_be_read_through_airflow(self, demo: Demo) -> None:
        airflow = demo.airflow
        run_id = airflow.run_ids("bitcoin_data_ingestion")[0]
        task = f"/api/v2/dags/bitcoin_data_ingestion/dagRuns/{run_id}/taskInstances/download"
        assert re.search(r"Load \d+ from simulator: binance", str(airflow.ask("GET", f"{task}/logs/1?map_index=0")))

    def test_the_connection_and_the_variables_are_in_airflows_database_and_the_connection_works(
        self, demo: Demo
    ) -> None:
        airflow = demo.airflow
        variables = airflow.variables()
        assert variables.pop("sipsa_wsdl_url").endswith("/sipsaWS/SrvSipsaUpraBeanService?WSDL")
        assert variables == VARIABLES
        assert airflow.connection_works("postgres_sipsa")

    def test_no_secret_is_left_in_a_database_or_told_by_an_answer(self, demo: Demo) -> None:
        stored = {database: secrets_in(rows, demo.platform) for database, rows in dumps(demo.platform)}
        assert stored == {database: set() for database in DUMPED}
        told = b"".join(demo.api(path).content for path in ("/predict", "/model", "/health/ready", "/openapi.json"))
        assert secrets_in(told + demo.api("/metrics").content, demo.platform) == set()
        connection = demo.airflow.connection("postgres_sipsa")
        assert connection["login"] == "warehouse"
        assert connection["password"] in (None, "***")

    def test_stopped_and_started_again_nothing_is_lost(self, demo: Demo) -> None:
        model, count = demo.api("/model").json(), stored_count(demo)
        demo.airflow.set_variable("sipsa_retry_delay_minutes", "45")
        variables = demo.airflow.variables()
        connection = demo.airflow.connection("postgres_sipsa")
        assert demo.run("down").returncode == 0
        assert not answers(demo)
        again = demo.run("start")
        assert again.returncode == 0, f"{again.stdout}\n{again.stderr}"
        assert demo.airflow.variables() == variables
        assert variables["sipsa_retry_delay_minutes"] == "45"
        assert demo.airflow.connection("postgres_sipsa") == connection
        assert stored_count(demo) == count
        wait_until(
            lambda: demo.api("/health/ready").ok, seconds=60, problem=lambda: "The champion is not served again."
        )
        assert demo.api("/model").json() | {"loaded_at_utc": ""} == model | {"loaded_at_utc": ""}


def answers(demo: Demo) -> bool:
    try:
        return demo.api("/health/live").ok
    except requests.ConnectionError:
        return False
