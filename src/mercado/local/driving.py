"""The stages of a demo that runs, one after the other, through Airflow as a person would do it."""

from dataclasses import dataclass
from typing import Any, Protocol

from mercado.errors import ModelNotReadyError, ServiceUnavailableError
from mercado.local import places, results, stages
from mercado.local.access import ask_api
from mercado.local.dag_runs import DagRuns
from mercado.local.narration import Narrator
from mercado.local.platform import Platform
from mercado.local.programs import mlflow_url
from mercado.local.report import metrics_table, prediction_lines, prediction_summary
from mercado.local.runtime import Say
from mercado.local.stages import INGESTION, LANDING, MAINTENANCE, MONITORING, SIPSA, TRAINING, WORKBOOKS
from mercado.local.waiting import wait_until
from mercado.local.workbooks import drop_workbooks, landed_lines
from mercado.maintenance.backups import list_backups
from mercado.registry import ModelVersion, Registry

READY_SECONDS = 60


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


@dataclass(frozen=True)
class Driver:
    """Drives a platform that has been started.

    Every stage raises `ServiceUnavailableError` when a service or a DAG fails, and names it and where to read why.

    Attributes:
        runtime: The services.
        narrator: Told what happens.
        runs: Of the DAGs.
    """

    runtime: Runtime
    narrator: Narrator
    runs: DagRuns

    @property
    def _platform(self) -> Platform:
        return self.runtime.platform

    @property
    def _registry(self) -> Registry:
        return Registry(mlflow_url(self._platform), self._platform.values["MERCADO_API_MODEL"])

    def run_all(self) -> None:
        """Run every stage after the start.

        Raises:
            ModelNotReadyError: No model was promoted; says why.
        """
        self._load_food_prices()
        self._load_workbooks()
        earlier = set(self.runs.airflow.run_ids(TRAINING))
        self._train(earlier, announced=self._load_candles())
        self._serve()
        self._judge_forecasts()
        self._keep()

    def _load_food_prices(self) -> None:
        before = results.newest_load(self._platform)
        with self.narrator.stage(stages.FOOD_PRICES) as stage:
            self.runs.run(SIPSA)
            stage.result = results.loaded(self._platform, "sipsa", "operations", after=before)
            stage.where = places.page(self._platform, "prices")

    def _load_workbooks(self) -> None:
        """Drop workbooks and watch the run that they start by themselves."""
        before, earlier = results.newest_load(self._platform), set(self.runs.airflow.run_ids(LANDING))
        with self.narrator.stage(stages.DROPPED_WORKBOOKS) as stage:
            drop_workbooks(self._platform, count=WORKBOOKS)
            runs = self.runs.await_new(LANDING, earlier, log=self.runtime.log("airflow-triggerer"))
            while runs:
                for run_id in sorted(runs):
                    self.runs.watch(LANDING, run_id)
                earlier |= runs
                runs = set(self.runs.airflow.run_ids(LANDING)) - earlier
            for line in landed_lines(self._platform, count=WORKBOOKS):
                self.narrator.say(f"    {line}")
            stage.result = results.loaded(self._platform, "landing", "files", after=before)
            archive = places.readable(self._platform.data / "archive")
            stage.where = f"{places.page(self._platform, 'health')}, {archive}"

    def _load_candles(self) -> int:
        """Run the ingestion; return of how many series it announced new candles."""
        with self.narrator.stage(stages.CANDLES) as stage:
            run_id = self.runs.run(INGESTION)
            stage.result = results.candles(self._platform)
            export = places.readable(self._platform.data / "bitcoin")
            stage.where = f"{places.page(self._platform, 'forecast')}, {export}"
        tasks = self.runs.airflow.tasks(INGESTION, run_id)
        return sum(state == "success" for name, state in tasks.items() if name.split()[0] == "announce")

    def _train(self, earlier: set[str], *, announced: int) -> None:
        """Watch the trainings that new candles have started, one for each series, or start one where none was yet."""
        with self.narrator.stage(stages.MODEL) as stage:
            if announced:
                log = self.runtime.log("airflow-scheduler")
                for started in sorted(self.runs.await_new(TRAINING, earlier, count=announced, log=log)):
                    self.runs.watch(TRAINING, started)
            elif self._registry.versions():
                self.narrator.say("    no new candle since the last demo: the model trained then is kept")
            if not self._registry.versions():
                self.runs.run(TRAINING)
            version = self._newest_version()
            stage.result = results.training(mlflow_url(self._platform), version)
            stage.where = places.version_page(self._platform, version.name, version.version)

    def _newest_version(self) -> ModelVersion:
        versions = self._registry.versions()
        if not versions:
            raise ModelNotReadyError(self._registry.why_no_champion())
        return versions[0]

    def _serve(self) -> None:
        with self.narrator.stage(stages.FORECAST) as stage:
            prediction = self._served_prediction()
            for line in prediction_lines(prediction):
                self.narrator.say(f"    {line}")
            self.narrator.say(metrics_table(mlflow_url(self._platform), prediction["model"]["run_id"]))
            stage.result = prediction_summary(prediction)
            stage.where = places.page(self._platform, "forecast")

    def _served_prediction(self) -> dict[str, Any]:
        registry = self._registry
        if registry.champion() is None:
            raise ModelNotReadyError(f"The API answers 503, as it should: {registry.why_no_champion()}")
        wait_until(
            lambda: ask_api(self._platform, "/health/ready").ok,
            seconds=READY_SECONDS,
            problem=lambda: f"The API does not load the champion; see {self.runtime.log('api')}.",
        )
        answer = ask_api(self._platform, "/predict")
        if not answer.ok:
            raise ServiceUnavailableError(
                f"GET /predict answered {answer.status_code}: {answer.text}; see {self.runtime.log('api')}."
            )
        prediction: dict[str, Any] = answer.json()
        return prediction

    def _judge_forecasts(self) -> None:
        with self.narrator.stage(stages.WATCHING) as stage:
            self.runs.run(MONITORING)
            found = results.latest_look(self._platform)
            self.narrator.say(f"    {found.reasons}")
            stage.result = found.summary
            stage.where = places.page(self._platform, "forecast")

    def _keep(self) -> None:
        with self.narrator.stage(stages.KEEPING) as stage:
            self.runs.run(MAINTENANCE)
            newest = list_backups(self._platform.backups)[0]
            stage.result = f"backup {newest.path.name}"
            stage.where = places.readable(newest.path)
