"""Champion and challenger on the same rows: who is served, who is not, and how to go back."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import mlflow
import pytest

from mercado.bitcoin.certificate import Finding, LeakCertificate
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.golden import FILE_NAME, check_golden
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.rebuilding import differences, logged_dataset, rebuild_exactly
from mercado.bitcoin.training import Trainer
from mercado.bitcoin.training_job import Registered, TrainingJob
from mercado.errors import ModelNotReadyError
from mercado.registry import CHALLENGER, CHAMPION, REASON_TAG, Registry
from mercado.tracking import TrackedRun
from mercado.warehouse.connection import connect
from tests.conftest import DatabaseServer
from tests.integration.trainings import HOUR, SMALL_PLAN, empty_registry, store_candles
from tests.mlflow_server import MlflowServer
from tests.simulators.generated import Profile

PLAN = replace(SMALL_PLAN, trials=1, refits=1)
GOOD = BoosterParams()
# Fewer trees say less: enough for a weaker signal, too little for the one that came after it.
CAUTIOUS = BoosterParams(rounds=60)


@pytest.fixture(scope="module")
def registry(mlflow_server: MlflowServer) -> Iterator[Registry]:
    """Yield a registry that was empty, and leave it empty."""
    empty_registry(mlflow_server.uri)
    yield Registry(mlflow_server.uri)
    empty_registry(mlflow_server.uri)


@dataclass(frozen=True)
class Trained:
    """A training that went through all of its steps.

    Attributes:
        job: What identifies it.
        registered: Its version and the verdict.
        aliases: The registry's, right after it.
    """

    job: TrainingJob
    registered: Registered
    aliases: dict[str, int]

    @property
    def version(self) -> int:
        return self.registered.version


def train(trainer: Trainer, registry: Registry, params: BoosterParams) -> Trained:
    """Take every step with given parameters in place of a study's."""
    job = trainer.start("BTCUSDT", HOUR, PLAN)
    registered = trainer.register(job, params, trainer.certify(job))
    trainer.promote(job, registered)
    return Trained(job, registered, aliases(registry))


def aliases(registry: Registry) -> dict[str, int]:
    return {alias: version.version for version in registry.versions() for alias in version.aliases}


@pytest.fixture(scope="module")
def weak_trainer(database_server: DatabaseServer, trainer: Trainer) -> Iterator[Trainer]:
    """Yield the steps of a training on the same hours as `trainer`'s, but for a weaker signal in them."""
    warehouse = store_candles(database_server.create_database("weak_db"), Profile.WEAK_REVERSAL, months=17)
    with connect(warehouse, application="tests") as connection:
        yield replace(trainer, connection=connection)


@pytest.fixture(scope="module")
def cautious(weak_trainer: Trainer, registry: Registry) -> Trained:
    """Return the first model: the gate let it pass when the signal was weaker."""
    return train(weak_trainer, registry, CAUTIOUS)


@pytest.fixture(scope="module")
def good(trainer: Trainer, registry: Registry, cautious: Trained) -> Trained:
    return train(trainer, registry, GOOD)


@pytest.fixture(scope="module")
def good_again(trainer: Trainer, registry: Registry, good: Trained) -> Trained:
    return train(trainer, registry, GOOD)


def test_the_first_model_that_the_gate_lets_pass_is_champion(cautious: Trained) -> None:
    assert cautious.registered.promote, cautious.registered.reason
    assert cautious.aliases == {CHAMPION: cautious.version}


def test_a_truly_better_model_takes_over_where_the_signal_is_stronger(
    trainer: Trainer, cautious: Trained, good: Trained
) -> None:
    assert good.registered.promote, good.registered.reason
    assert good.aliases == {CHAMPION: good.version}
    metrics = mlflow.MlflowClient(trainer.tracking_uri).get_run(good.job.run_id).data.metrics
    assert metrics["champion.version"] == cautious.version
    assert metrics["champion.challenger_log_loss"] < metrics["champion.log_loss"]
    assert metrics["champion.dm_p_value"] < 0.05


def test_the_same_model_again_is_not_promoted(good: Trained, good_again: Trained) -> None:
    assert not good_again.registered.promote
    assert "p-value 0.5 is not below 0.05" in good_again.registered.reason
    assert f"champion {good.version}, 0 days old" in good_again.registered.reason
    assert good_again.aliases == {CHAMPION: good.version, CHALLENGER: good_again.version}


def test_without_a_leak_certificate_nothing_is_promoted(
    trainer: Trainer, registry: Registry, good_again: Trained
) -> None:
    before = registry.champion()
    job = trainer.start("BTCUSDT", HOUR, PLAN)
    finding = Finding("prefix", "return_lag_0", 1_700_000_000_000, 0.1, 0.2)
    refused = replace(trainer.certify(job), passed=False, findings=(finding,))
    registered = trainer.register(job, GOOD, LeakCertificate.of(json.loads(json.dumps(refused.as_json()))))
    assert not registered.promote
    reason = "A feature reads what it may not: return_lag_0 of 2023-11-14T22:13:20.000 is 0.1, but 0.2 in the check"
    assert reason in registered.reason
    assert trainer.promote(job, registered) == registered.reason
    assert registry.champion() == before
    assert registered.reason == registry.versions()[0].tags[REASON_TAG]


def test_the_logged_dataset_is_rebuilt_exactly(trainer: Trainer, good: Trained) -> None:
    logged = logged_dataset(TrackedRun(trainer.tracking_uri, good.job.run_id, good.job.experiment_id))
    rows = rebuild_exactly(trainer.connection, logged)
    assert rows.digest == good.job.digest == logged.profile["sha256"]
    assert differences(logged, rows) == []


def test_the_report_and_its_charts_are_artifacts_of_the_run(trainer: Trainer, good: Trained) -> None:
    client = mlflow.MlflowClient(trainer.tracking_uri)
    files = {file.path: file.file_size for file in client.list_artifacts(good.job.run_id, "report")}
    assert good.registered.report in files
    charts = {Path(name).stem for name in files if name.endswith(".png")}
    assert {"skill_over_time", "calibration", "coverage_by_month", "champion_against_challenger"} <= charts
    assert all(size and size > 1000 for size in files.values())


def test_the_model_carries_what_it_takes_to_trust_it(registry: Registry, good: Trained, tmp_path: Path) -> None:
    version = next(each for each in registry.versions() if each.version == good.version)
    folder = registry.download(version, tmp_path)
    forecaster = Forecaster.load(folder)
    check_golden(folder, forecaster)
    assert LeakCertificate.of(json.loads((folder / "leak_certificate.json").read_text())).passed
    assert json.loads((folder / "verdict.json").read_text())["promote"] is True
    metadata = registry.metadata(version)
    assert metadata["booster_params"] == asdict(GOOD)
    assert metadata["candles_before_ms"] == good.job.end_ms
    golden = json.loads((folder / FILE_NAME).read_text())
    golden["vectors"][-1]["forecast"]["probability_up"] += 1e-4
    (folder / FILE_NAME).write_text(json.dumps(golden))
    with pytest.raises(ModelNotReadyError, match="probability_up of its golden vectors"):
        check_golden(folder, forecaster)
    (folder / FILE_NAME).unlink()
    with pytest.raises(ModelNotReadyError, match="cannot be proved"):
        check_golden(folder, forecaster)


def test_a_rollback_goes_back_in_time_and_never_to_what_was_taken_back(
    registry: Registry, cautious: Trained, good: Trained, good_again: Trained
) -> None:
    assert registry.rollback().version == cautious.version
    assert aliases(registry)[CHAMPION] == cautious.version
    with pytest.raises(ModelNotReadyError, match=f"was champion before version {cautious.version}"):
        registry.rollback()
    registry.promote(good_again.version)
    assert registry.rollback().version == cautious.version
    registry.promote(good.version)
    assert aliases(registry)[CHAMPION] == good.version
