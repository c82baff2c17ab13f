"""The monitoring of a champion on simulated candles: calm ones, and ones in which a drift is planted."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mlflow
import psycopg
import pytest
from pydantic import SecretStr

from mercado.bitcoin.archive import BinanceArchive
from mercado.bitcoin.download import Downloader
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.monitoring.finding import Finding, WatchedSeries
from mercado.bitcoin.monitoring.monitor import Monitor
from mercado.bitcoin.monitoring.record import MONITORING_EXPERIMENT, REPORT_FILE, record
from mercado.bitcoin.monitoring.reference import DriftReference
from mercado.bitcoin.monitoring.rules import Retraining, State
from mercado.bitcoin.monitoring.runs import record_no_model
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.predictions import StoredPrediction, store_predictions
from mercado.bitcoin.rest import BinanceRest
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.training import Trainer
from mercado.errors import ModelNotReadyError
from mercado.registry import ModelVersion, Registry
from mercado.settings import BinanceSettings
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.commands import run_mercado
from tests.conftest import DatabaseServer
from tests.integration.trainings import HOUR, SMALL_PLAN, empty_registry
from tests.mlflow_server import MlflowServer
from tests.simulated_rules import SIMULATED_RULES
from tests.simulators.drifting import Drift
from tests.simulators.running import running_simulator

GENESIS = datetime(2023, 1, 1, tzinfo=UTC)
TRAINED = datetime(2024, 6, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
SERIES = WatchedSeries("BTCUSDT", HOUR)
# Long after the training that these tests do, so that its cool-down is over.
LATER = datetime.now(UTC) + timedelta(days=30)
KEY = "tests"

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Market:
    """A warehouse whose candles go on for a month after the champion's training.

    Attributes:
        connection: To it.
        mlflow: Where the champion is.
    """

    connection: psycopg.Connection
    mlflow: str

    def monitor(self, *, days: float = 30, **choices: object) -> Monitor:
        """Return the monitor as it would be some days after the training."""
        until = TRAINED + timedelta(days=days)
        return replace(
            Monitor(self.connection, self.mlflow, SERIES), until_ms=round(until.timestamp() * 1000), **choices
        )

    def look(self, *, days: float = 30, now: datetime = LATER) -> Finding:
        """Join and look, as a run of the DAG does."""
        monitor = self.monitor(days=days)
        monitor.join()
        return monitor.look(started_by=KEY, now=now)


@contextmanager
def market(
    url: SecretStr, mlflow_uri: str, *, train: Callable[[psycopg.Connection], None], **options: object
) -> Iterator[Market]:
    """Yield a market: candles are loaded up to the training, then those of a month more."""
    migrate(url)
    with (
        connect(url, application="tests") as connection,
        running_simulator(genesis=GENESIS, now=TRAINED, **options) as exchange,
    ):
        binance = BinanceSettings.model_validate(
            {"BINANCE_BASE_URL": exchange.base_url, "BINANCE_ARCHIVE_URL": exchange.archive_url}
        )
        loader = Downloader(connection, BinanceRest(binance), BinanceArchive(binance), "BTCUSDT", HOUR)
        loader.download()
        train(connection)
        exchange.set_now(TRAINED + MONTH)
        loader.download()
        yield Market(connection, mlflow_uri)


@pytest.fixture(scope="module")
def calm(database_server: DatabaseServer, mlflow_server: MlflowServer, optuna_url: SecretStr) -> Iterator[Market]:
    """Yield a market that goes on as before, after training its champion."""
    empty_registry(mlflow_server.uri)

    def train(connection: psycopg.Connection) -> None:
        trainer = Trainer(connection, mlflow_server.uri, optuna_url, SIMULATED_RULES)
        job = trainer.start("BTCUSDT", HOUR, replace(SMALL_PLAN, trials=1, refits=1))
        registered = trainer.register(job, BoosterParams(), trainer.certify(job))
        Registry(mlflow_server.uri).promote(registered.version)

    with market(database_server.create_database("calm_db"), mlflow_server.uri, train=train) as found:
        yield found
    empty_registry(mlflow_server.uri)


@pytest.fixture(scope="module", params=list(Drift))
def drifting(request: pytest.FixtureRequest, calm: Market, database_server: DatabaseServer) -> Iterator[Market]:
    """Yield the same market, but another one from the day of the training on; with the same champion."""
    url = database_server.create_database(f"drift_{request.param}_db")
    with market(url, calm.mlflow, train=lambda _: None, drift=request.param, drift_from=TRAINED) as found:
        yield found


@pytest.fixture
def changing(calm: Market) -> Iterator[Market]:
    """Yield the calm market, in a transaction that is rolled back after the test."""
    with calm.connection.transaction(force_rollback=True):
        yield calm


@pytest.fixture(scope="module")
def champion(calm: Market) -> ModelVersion:
    found = Registry(calm.mlflow).champion()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def forecaster(calm: Market, champion: ModelVersion, tmp_path_factory: pytest.TempPathFactory) -> Forecaster:
    return Forecaster.load(Registry(calm.mlflow).download(champion, tmp_path_factory.mktemp("champion")))


def rows(market: Market, query: str, *values: object) -> list[tuple[object, ...]]:
    return market.connection.execute(query, values).fetchall()


def test_the_reference_is_stored_with_the_model(calm: Market, champion: ModelVersion, tmp_path: Path) -> None:
    reference = DriftReference.read(Registry(calm.mlflow).download(champion, tmp_path))
    assert reference.window_days == (7, 30)
    assert len(reference.features) == 28
    assert set(reference.left_out) == {"hour_sin", "hour_cos", "day_sin", "day_cos"}
    assert all(feature.limits[30].psi >= 0.25 for feature in reference.features)


def test_a_month_of_daily_runs_without_drift_raises_no_alarm(calm: Market) -> None:
    calm.monitor().replay()
    found = [calm.look(days=day) for day in range(1, 31)]
    assert [finding.verdict.alarms for finding in found] == [()] * 30
    assert {finding.decision.retraining for finding in found} == {Retraining.NOT_NEEDED}
    # Five days of hours are needed before anything is said of the forecasts.
    assert [finding.verdict.state for finding in found] == [State.UNKNOWN] * 4 + [State.HEALTHY] * 26


def test_a_planted_drift_is_reported_within_two_weeks_and_decides_a_training(drifting: Market) -> None:
    drifting.monitor().replay()
    found = (drifting.look(days=day) for day in range(1, 15))
    first = next(finding for finding in found if finding.verdict.alarms)
    assert first.verdict.state in (State.DRIFT, State.DECAY)
    assert first.decision.retraining is Retraining.STARTED


def test_forecasts_of_the_training_that_began_lately_start_no_other(drifting: Market) -> None:
    decision = drifting.look(days=30, now=datetime.now(UTC) + timedelta(days=6)).decision
    assert decision.retraining is Retraining.COOLING_DOWN
    assert "less than 7 days ago" in decision.reason
    assert drifting.look(days=30, now=datetime.now(UTC) + timedelta(days=8)).decision.retraining is Retraining.STARTED


def test_a_training_that_a_look_started_starts_the_cool_down_but_not_for_the_same_run_again(drifting: Market) -> None:
    with drifting.connection.transaction(force_rollback=True):
        finding = drifting.look()
        record(drifting.connection, drifting.mlflow, finding, started_by="first", ui_url="")
        monitor = drifting.monitor()
        assert monitor.look(started_by="first", now=LATER).decision.retraining is Retraining.STARTED
        again = monitor.look(started_by="second", now=LATER + timedelta(days=6))
        assert again.decision.retraining is Retraining.COOLING_DOWN
        later = monitor.look(started_by="second", now=LATER + timedelta(days=8))
        assert later.decision.retraining is Retraining.STARTED


def test_a_look_is_a_run_in_mlflow_and_rows_in_the_warehouse_and_is_kept_once(changing: Market) -> None:
    finding = changing.look()
    for _ in range(2):
        kept = record(changing.connection, changing.mlflow, finding, started_by=KEY, ui_url="http://mlflow")
    ((number, verdict, report),) = rows(
        changing, "select monitoring_run_id, verdict, report from market_data.monitoring_runs"
    )
    assert (number, verdict, report) == (kept.monitoring_run_id, "healthy", kept.report)
    run_id = kept.report.split("/runs/")[1].split("/")[0]
    run = mlflow.MlflowClient(changing.mlflow).get_run(run_id)
    experiment = mlflow.MlflowClient(changing.mlflow).get_experiment_by_name(MONITORING_EXPERIMENT)
    assert experiment is not None
    assert (run.info.status, run.info.experiment_id) == ("FINISHED", experiment.experiment_id)
    page = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/{REPORT_FILE}")
    assert "Healthy" in page
    assert "unknown" in page  # nobody asked the API, so nothing is known of live forecasts
    assert run.data.metrics["replayed.30_days.hit_rate"] == finding_value(finding, 30, "replayed", "hit_rate")
    drifts = rows(changing, "select count(*) from market_data.monitoring_drift where not drifted and psi < psi_limit")
    assert drifts == [(56,)]


def finding_value(finding: Finding, days: int, kind: str, name: str) -> float | None:
    (found,) = (each for each in finding.performances if (each.days, each.kind) == (days, kind))
    return found.figures()[name].value


def test_what_is_unknown_is_null_with_its_count_and_never_zero(changing: Market) -> None:
    finding = changing.look(days=2)
    assert finding.verdict.state is State.UNKNOWN
    assert finding.verdict.reasons == (
        f"How version {finding.version.version} forecasts is unknown: 48 of its forecasts can be judged, and fewer "
        f"than 100 without overlap say nothing.",
    )
    record(changing.connection, changing.mlflow, finding, started_by=KEY, ui_url="")
    figures = rows(changing, "select distinct kind, value, row_count from market_data.monitoring_figures order by kind")
    assert figures == [("live", None, 0), ("replayed", None, 48)]


def test_a_replay_is_the_served_forecast_bit_for_bit_and_is_done_once(
    calm: Market, champion: ModelVersion, forecaster: Forecaster
) -> None:
    calm.monitor().replay()
    assert calm.monitor().replay() == 0
    stored = rows(
        calm,
        "select prediction_id, probability_up, forecast_price, lower_price, upper_price, unusual_share, filled_count, "
        "data_origin, (extract(epoch from as_of_utc) * 1000)::bigint from market_data.predictions "
        "where model_version = %s order by random() limit 100",
        champion.version,
    )
    assert len(stored) == 100
    for prediction_id, *values, origin, as_of_ms in stored:
        candles = read_candles(calm.connection, "BTCUSDT", HOUR, end_ms=as_of_ms, last=FEATURE_WINDOW_BARS)
        grid = to_grid(candles)[-FEATURE_WINDOW_BARS:]
        served = StoredPrediction.of(
            forecaster.forecast(grid.series),
            forecaster,
            champion,
            grid.series,
            kind="latest",
            data_origin=origin,
            filled_count=int(grid.missing.sum()),
        )
        assert served.prediction_id == prediction_id
        names = ("probability_up", "forecast_price", "lower_price", "upper_price", "unusual_share", "filled_count")
        assert [getattr(served, name) for name in names] == values


def test_nothing_is_replayed_from_before_the_end_of_the_training(calm: Market, champion: ModelVersion) -> None:
    calm.monitor().replay()
    trained_before = Registry(calm.mlflow).metadata(champion)["candles_before_ms"]
    ((first,),) = rows(calm, "select min(as_of_utc) from market_data.predictions where kind = 'replayed'")
    assert first == datetime.fromtimestamp(trained_before / 1000, UTC)


def test_the_truth_is_joined_once_and_follows_a_revised_candle(changing: Market) -> None:
    changing.monitor().replay()
    monitor = changing.monitor()
    assert monitor.join().inserted == 0
    assert monitor.join().updated == 0
    target = "open_time_utc = '2024-06-10 12:00+00'"
    changing.connection.execute(
        f"update market_data.klines set close_price = close_price * 1.5, high_price = high_price * 1.5 where {target}"
    )
    # The candle is the target of one forecast, and the last close of another.
    assert monitor.join().updated == 2
    outcome = rows(
        changing,
        "select covered, same_candle, log_return > 0.3 from market_data.prediction_outcomes "
        "join market_data.predictions using (prediction_id) where target_close_utc = '2024-06-10 13:00+00'",
    )
    assert outcome == [(False, True, True)]
    given = rows(
        changing,
        "select same_candle from market_data.prediction_outcomes join market_data.predictions using (prediction_id) "
        "where as_of_utc = '2024-06-10 13:00+00'",
    )
    assert given == [(False,)]
    # What was forecast from the former close is forecast again, from the close as it is now.
    assert monitor.replay() == 1


def test_a_target_in_a_gap_stays_unknown(changing: Market) -> None:
    changing.monitor().replay()
    changing.connection.execute("truncate market_data.prediction_outcomes")
    changing.connection.execute("delete from market_data.klines where open_time_utc = '2024-06-10 12:00+00'")
    monitor = changing.monitor()
    monitor.join()
    unknown = rows(
        changing,
        "select target_close_utc::text from market_data.predictions left join market_data.prediction_outcomes "
        "using (prediction_id) where joined_at_utc is null",
    )
    assert unknown == [("2024-06-10 13:00:00+00",)]
    assert monitor.look(started_by=KEY, now=LATER).unjudged.without_truth == 1


def test_a_prediction_from_other_candles_is_judged_by_nobody(
    changing: Market, champion: ModelVersion, forecaster: Forecaster
) -> None:
    changing.monitor().replay()
    before = changing.look()
    candles = read_candles(changing.connection, "BTCUSDT", HOUR, last=FEATURE_WINDOW_BARS + 5)[:-5]
    made_up = to_grid(replace(candles, close=candles.close * 2, high=candles.high * 2))[-FEATURE_WINDOW_BARS:]
    given = StoredPrediction.of(
        forecaster.forecast(made_up.series), forecaster, champion, made_up.series, kind="given", data_origin="request"
    )
    store_predictions(changing.connection, [given])
    after = changing.look()
    assert after.unjudged.from_other_candles == before.unjudged.from_other_candles + 1
    assert [each.row_count for each in after.performances] == [each.row_count for each in before.performances]


def test_live_forecasts_are_told_from_replayed_ones(changing: Market) -> None:
    changing.monitor().replay()
    changing.connection.execute(
        "update market_data.predictions set kind = 'latest', predicted_at_utc = as_of_utc + interval '1 second' "
        "where as_of_utc < '2024-06-21'"
    )
    # Asked for afterwards: the API gave it, but nobody could have acted on it.
    changing.connection.execute(
        "update market_data.predictions set kind = 'as_of' where as_of_utc = '2024-06-25 00:00+00'"
    )
    found = {(each.days, each.kind): each for each in changing.look().performances}
    assert found[30, "replayed"].row_count == 240
    assert found[7, "live"].row_count == 0
    assert found[7, "replayed"].row_count == 168
    assert found[30, "live"].row_count == 480


def test_without_a_champion_there_is_nothing_to_watch_and_that_is_kept(changing: Market) -> None:
    nobody = replace(changing.monitor(), series=replace(SERIES, interval=HOUR, horizon_bars=5))
    with pytest.raises(ModelNotReadyError, match="No version of bitcoin-forecaster-BTCUSDT-1h-5-ahead was registered"):
        nobody.replay()
    record_no_model(changing.connection, nobody.series, "Why.", started_by=KEY, now=LATER)
    assert rows(changing, "select verdict, reasons, retraining from market_data.monitoring_runs") == [
        ("unknown", ["Why."], "no_model")
    ]


def test_the_command_prints_the_figures_and_the_decision(calm: Market, database_server: DatabaseServer) -> None:
    environment = dict(os.environ) | {
        "MERCADO_ENV_FILE": os.devnull,
        "MERCADO_WAREHOUSE_URL": database_server.url("warehouse", "calm_db").get_secret_value(),
        "MLFLOW_TRACKING_URI": calm.mlflow,
    }
    finished = run_mercado(environment, "bitcoin", "monitor", "--window-days", "30", "--only-look")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "Healthy: its input looks like its training" in finished.stdout
    assert "30 days, replayed: 7" in finished.stdout
    assert "30 days, live: unknown, 0 forecasts can be judged and 100 are needed" in finished.stdout
    assert finished.stdout.splitlines()[-1].startswith("  Retraining not_needed: ")
