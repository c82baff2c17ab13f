"""The demo: the whole platform on simulated sources, driven through Airflow to a served prediction."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from mercado.environment import MLFLOW_ADMIN
from mercado.errors import ModelNotReadyError, ServiceUnavailableError
from mercado.local.access import ask_api, log_in
from mercado.local.airflow_api import AirflowApi
from mercado.local.platform import Platform
from mercado.local.programs import mlflow_url
from mercado.local.report import addresses, metrics_table, monitoring_line, prediction_lines
from mercado.local.runtime import Say
from mercado.local.waiting import wait_until
from mercado.local.workbooks import drop_workbooks, landed_lines
from mercado.registry import Registry

INGESTION = "bitcoin_data_ingestion"
TRAINING = "bitcoin_training_pipeline"
LANDING = "file_ingestion_from_excel"
SIPSA = "dane_sipsa_prices_ingestion"
MONITORING = "prediction_monitoring"
MAINTENANCE = "platform_maintenance"
DAG_SECONDS = 600
READY_SECONDS = 60
WORKBOOKS = 6


class Runtime(Protocol):
    """What starts and stops a demo's services: local processes, or containers."""

    @property
    def platform(self) -> Platform:
        """Return what is started."""

    @property
    def description(self) -> str:
        """Return what the services are, for a person."""

    @property
    def make_options(self) -> str:
        """Return what to add to `make demo-down`."""

    def up(self, say: Say) -> None:
        """Start everything and return when all is healthy."""

    def log(self, service: str) -> str:
        """Return how a person reads the log of a service."""


def run(runtime: Runtime, say: Say) -> None:
    """Start the demo, run its DAGs, and print the prediction, the model's worth and where to look.

    Raises:
        ServiceUnavailableError: A service or a DAG failed; names it and where its log is.
        ModelNotReadyError: No model was promoted; says why.
    """
    started = time.monotonic()
    say("Mercado's demo. Every price in it is SIMULATED: nothing here says anything about the real market.")
    say(f"\n[1/8] Starting the platform as {runtime.description}")
    runtime.up(say)
    platform = runtime.platform
    log_in(platform)
    values, ports = platform.values, platform.ports
    airflow = AirflowApi(
        f"http://127.0.0.1:{ports.airflow}",
        user=values["AIRFLOW_ADMIN_USER"],
        password=values["AIRFLOW_ADMIN_PASSWORD"],
    )
    _wait_for_dags(airflow)
    _require(not airflow.import_errors(), f"A DAG file cannot be imported: {airflow.import_errors()}")
    say(f"\n[2/8] {SIPSA}: food prices, all six operations, into sipsa_data")
    _watch(airflow, SIPSA, airflow.trigger(SIPSA, {}), say)
    say(f"\n[3/8] {LANDING}: {WORKBOOKS} workbooks dropped into the folder data/landing_zone")
    _land(airflow, platform, say)
    say(f"\n[4/8] {INGESTION}: two years of hourly candles into market_data.klines")
    earlier_trainings = set(airflow.run_ids(TRAINING))
    announced = _ingest(airflow, say)
    say(f"\n[5/8] {TRAINING}: features, Optuna study, walk-forward, registry, gate")
    _train(airflow, earlier_trainings, announced=announced, say=say)
    say("\n[6/8] The API serves the champion")
    prediction = _served_prediction(runtime)
    for line in prediction_lines(prediction):
        say(f"  {line}")
    say(metrics_table(mlflow_url(platform), prediction["model"]["run_id"]))
    say(f"\n[7/8] {MONITORING}: what came true, drift, and whether to train again")
    _watch(airflow, MONITORING, airflow.trigger(MONITORING, {}), say)
    say(f"  {monitoring_line(platform)}")
    say(f"\n[8/8] {MAINTENANCE}: a backup, and what is old is removed")
    _watch(airflow, MAINTENANCE, airflow.trigger(MAINTENANCE, {}), say)
    _closing_lines(runtime, say, seconds=time.monotonic() - started)


def _wait_for_dags(airflow: AirflowApi) -> None:
    wait_until(
        lambda: {SIPSA, LANDING, INGESTION, TRAINING, MONITORING, MAINTENANCE} <= set(airflow.dag_ids()),
        seconds=READY_SECONDS,
        problem=lambda: f"Airflow does not list its DAGs; import errors: {airflow.import_errors()}",
    )


def _land(airflow: AirflowApi, platform: Platform, say: Say) -> None:
    """Drop workbooks and watch the run that they start by themselves."""
    earlier = set(airflow.run_ids(LANDING))
    drop_workbooks(platform, count=WORKBOOKS)
    wait_until(
        lambda: set(airflow.run_ids(LANDING)) > earlier,
        seconds=READY_SECONDS,
        problem=lambda: f"Files in the folder did not start {LANDING}; see the triggerer's log.",
    )
    while runs := set(airflow.run_ids(LANDING)) - earlier:
        for run_id in sorted(runs):
            _watch(airflow, LANDING, run_id, say)
        earlier |= runs
    for line in landed_lines(platform, count=WORKBOOKS):
        say(f"  {line}")


def _ingest(airflow: AirflowApi, say: Say) -> bool:
    """Run the ingestion; return whether it announced new candles."""
    run_id = airflow.trigger(INGESTION, {})
    _watch(airflow, INGESTION, run_id, say)
    return airflow.tasks(INGESTION, run_id)["announce"] == "success"


def _train(airflow: AirflowApi, earlier: set[str], *, announced: bool, say: Say) -> None:
    """Watch the training that new candles have started, or start one when there was none yet."""
    if not announced:
        if earlier:
            say("  no new candle since the last demo: the model trained then is kept")
            return
        _watch(airflow, TRAINING, airflow.trigger(TRAINING, {}), say)
        return
    wait_until(
        lambda: set(airflow.run_ids(TRAINING)) > earlier,
        seconds=READY_SECONDS,
        problem=lambda: f"New candles did not start {TRAINING}; see the scheduler's log.",
    )
    (started,) = set(airflow.run_ids(TRAINING)) - earlier
    _watch(airflow, TRAINING, started, say)


def _watch(airflow: AirflowApi, dag_id: str, run_id: str, say: Say) -> None:
    tell: Callable[[str, str], None] = lambda task, state: say(f"  {task:<48} {state}")  # noqa: E731
    state = airflow.watch(dag_id, run_id, seconds=DAG_SECONDS, on_task=tell)
    _require(state == "success", f"{dag_id} failed: open the run {run_id} in Airflow's UI to read why.")


def _served_prediction(runtime: Runtime) -> dict[str, Any]:
    platform = runtime.platform
    registry = Registry(mlflow_url(platform), platform.values["MERCADO_API_MODEL"])
    if registry.champion() is None:
        raise ModelNotReadyError(f"The API answers 503, as it should: {registry.why_no_champion()}")
    wait_until(
        lambda: ask_api(platform, "/health/ready").ok,
        seconds=READY_SECONDS,
        problem=lambda: f"The API does not load the champion; see {runtime.log('api')}.",
    )
    answer = ask_api(platform, "/predict")
    _require(answer.ok, f"GET /predict answered {answer.status_code}: {answer.text}")
    prediction: dict[str, Any] = answer.json()
    return prediction


def _closing_lines(runtime: Runtime, say: Say, *, seconds: float) -> None:
    platform = runtime.platform
    say("")
    for name, address in addresses(platform):
        say(f"  {name:<12} {address}")
    user, file = platform.values["AIRFLOW_ADMIN_USER"], platform.settings_file
    say(f"  Log in to Airflow as {user}; the password is AIRFLOW_ADMIN_PASSWORD in {file}")
    if platform.authenticates:
        say(f"  Log in to MLflow as {MLFLOW_ADMIN}; the password is MLFLOW_ADMIN_PASSWORD in {file}")
        say(f"  Try: curl -H X-API-Key:$MERCADO_API_KEY localhost:{platform.ports.api}/predict, with the key in {file}")
    else:
        say(f"  Try: curl localhost:{platform.ports.api}/predict")
    say(f"\nDone in {seconds:.0f} s. The services stay up until `make demo-down{runtime.make_options}`.")


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ServiceUnavailableError(problem)
