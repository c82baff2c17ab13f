"""What the tasks of ``bitcoin_training_pipeline`` do: open their resources, make one step, name its result."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.plan import BoosterParams, training_plan
from mercado.bitcoin.training import Registered, Trainer, TrainingJob
from mercado.settings import OptunaSettings, TrackingSettings, TrainingSettings
from mercado_airflow.warehouse import warehouse_connection

log = logging.getLogger(__name__)
PLAN_PARAMS = ("trials", "refits", "holdout_bars", "seed")


def start(params: Mapping[str, Any]) -> dict[str, Any]:
    """Open the training's MLflow run on the stored candles; return the job.

    Args:
        params: The DAG run's; what Airflow adds to them from the run's configuration is left aside.
    """
    plan = training_plan(TrainingSettings.read(), **{name: params[name] for name in PLAN_PARAMS})
    with _trainer("start") as trainer:
        return asdict(trainer.start(params["symbol"], CandleInterval(params["interval"]), plan))


def tune(job: dict[str, Any]) -> dict[str, Any]:
    """Run the study; return the best parameters."""
    with _trainer("tune") as trainer:
        return asdict(trainer.tune(TrainingJob.of(job), say=log.info))


def register(job: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """Evaluate, judge, fit and register; return the version and the verdict."""
    with _trainer("register") as trainer:
        registered = trainer.register(TrainingJob.of(job), BoosterParams(**params), say=log.info)
    log.info("Version %s: %s", registered.version, registered.reason)
    return asdict(registered)


def promote(job: dict[str, Any], registered: dict[str, Any]) -> bool:
    """Make the version champion if the gate lets it, and return whether it did."""
    with _trainer("promote") as trainer:
        return trainer.promote(TrainingJob.of(job), Registered(**registered))


@contextmanager
def _trainer(step: str) -> Iterator[Trainer]:
    with warehouse_connection(f"bitcoin training {step}") as connection:
        yield Trainer(connection, TrackingSettings.read().resolved_uri(), OptunaSettings.read().resolved_url())
