"""The tasks of ``bitcoin_training_pipeline``: each opens its resources, makes one step, and names its result.

The DAG's file imports this module, and is parsed every half minute: what is heavy is imported when a task runs.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mercado.bitcoin.training import Trainer

log = logging.getLogger(__name__)
PLAN_PARAMS = ("trials", "refits", "holdout_bars", "horizon_bars", "workers", "seed")


def start(params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Open the training's MLflow run on the stored candles and make its study; return the job."""
    from mercado.bitcoin.candles import CandleInterval
    from mercado.bitcoin.plan import training_plan
    from mercado.settings import TrainingSettings

    params = params or {}
    interval = CandleInterval(params["interval"])
    plan = training_plan(TrainingSettings.read(), interval, **{name: params[name] for name in PLAN_PARAMS})
    with _trainer("start") as trainer:
        job = trainer.start(params["symbol"], interval, plan, study=params["study"])
    log.info("MLflow run %s, study %r", job.run_id, job.study)
    return asdict(job)


def certify(job: dict[str, Any]) -> dict[str, Any]:
    """Prove on the training's candles that no feature reads a later bar; return the leak certificate."""
    from mercado.bitcoin.training_job import TrainingJob

    with _trainer("certify") as trainer:
        certificate = trainer.certify(TrainingJob.of(job))
    log.log(logging.INFO if certificate.passed else logging.ERROR, "%s", certificate.sentence)
    return certificate.as_json()


def workers(job: dict[str, Any]) -> list[int]:
    """Return a number for each task that shares the study."""
    return list(range(job["plan"]["workers"]))


def tune(job: dict[str, Any], worker: int) -> None:
    """Search the booster's parameters on all but the last block, until the study has its trials."""
    from mercado.bitcoin.training_job import TrainingJob

    with _trainer(f"tune {worker}") as trainer:
        trainer.tune(TrainingJob.of(job), worker=worker, say=log.info)


def best(job: dict[str, Any]) -> dict[str, Any]:
    """Return the study's best parameters."""
    from mercado.bitcoin.training_job import TrainingJob

    with _trainer("best") as trainer:
        return asdict(trainer.best(TrainingJob.of(job)))


def register(job: dict[str, Any], found: dict[str, Any], certificate: dict[str, Any]) -> dict[str, Any]:
    """Walk forward through the untouched block, judge, fit, register, report; return version, verdict and link."""
    from mercado.bitcoin.certificate import LeakCertificate
    from mercado.bitcoin.plan import BoosterParams
    from mercado.bitcoin.training_job import TrainingJob
    from mercado.settings import TrackingSettings

    proof = LeakCertificate.of(certificate)
    with _trainer("register") as trainer:
        registered = trainer.register(TrainingJob.of(job), BoosterParams(**found), proof, say=log.info)
        link = TrackingSettings.read().ui_url() + trainer.run(TrainingJob.of(job)).link(registered.report)
    log.info("Version %s: %s", registered.version, registered.reason)
    log.info("Report: %s", link)
    return asdict(registered) | {"link": link}


def ask(registered: dict[str, Any], params: dict[str, Any] | None = None) -> str:
    """Name the task that is next: a person's approval, where it is wanted and there is something to approve."""
    return "approve" if params and params["approval"] and registered["promote"] else "promote"


def promote(job: dict[str, Any], registered: dict[str, Any]) -> None:
    """Make the version champion if the gate lets it; be skipped if not."""
    from airflow.sdk.exceptions import AirflowSkipException

    from mercado.bitcoin.training_job import Registered, TrainingJob

    stated = Registered.of(registered)
    with _trainer("promote") as trainer:
        refusal = trainer.promote(TrainingJob.of(job), stated)
    if refusal:
        raise AirflowSkipException(f"Version {stated.version} is not promoted. {refusal}")


@contextmanager
def _trainer(step: str) -> Iterator["Trainer"]:
    from mercado.bitcoin.gate import GateRules
    from mercado.bitcoin.training import Trainer
    from mercado.settings import GateSettings, OptunaSettings, TrackingSettings
    from mercado_airflow.warehouse import warehouse_connection

    rules = GateRules(**GateSettings.read().model_dump())
    with warehouse_connection(f"bitcoin training {step}") as connection:
        yield Trainer(connection, TrackingSettings.read().resolved_uri(), OptunaSettings.read().resolved_url(), rules)
