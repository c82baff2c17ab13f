"""The tasks of ``bitcoin_training_pipeline``: each opens its resources, makes one step, and names its result.

The DAG's file imports this module, and is parsed every half minute: what is heavy is imported when a task runs.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mercado_airflow import links
from mercado_airflow.assets import CHAMPION, MODEL_VERSIONS, wrote
from mercado_airflow.notes import note, plain

if TYPE_CHECKING:
    from mercado.bitcoin.training import Trainer
    from mercado.bitcoin.training_job import TrainingJob

log = logging.getLogger(__name__)
DAG_ID = "bitcoin_training_pipeline"
DIGEST_SHOWN = 12
PLAN_PARAMS = ("trials", "refits", "holdout_bars", "horizon_bars", "workers", "seed")


def start(
    params: dict[str, Any] | None = None, run_id: str | None = None, partition_key: str | None = None
) -> dict[str, Any]:
    """Open the training's MLflow run on the stored candles and make its study; return the job."""
    from mercado.bitcoin.plan import training_plan
    from mercado.settings import TrainingSettings
    from mercado_airflow.series import asked

    params = params or {}
    series = asked(params, partition_key)
    plan = training_plan(TrainingSettings.read(), series.interval, **{name: params[name] for name in PLAN_PARAMS})
    with _trainer("start") as trainer:
        tags = links.dag_run_tags(DAG_ID, run_id or "")
        job = trainer.start(series.symbol, series.interval, plan, study=params["study"], tags=tags)
    log.info("MLflow run %s, study %r", job.run_id, job.study)
    chosen = ", ".join(f"{name} {job.plan[name]:,}" for name in PLAN_PARAMS)
    note(
        f"**Training** of {job.symbol} {job.interval}, {job.plan['horizon_bars']} ahead: {_run(job)}.",
        f"- {chosen}",
        f"- study `{job.study}`",
        f"- training set `{job.digest[:DIGEST_SHOWN]}…`",
    )
    return asdict(job)


def certify(job: dict[str, Any]) -> dict[str, Any]:
    """Prove on the training's candles that no feature reads a later bar; return the leak certificate."""
    from mercado.bitcoin.training_job import TrainingJob

    with _trainer("certify") as trainer:
        certificate = trainer.certify(TrainingJob.of(job))
    log.log(logging.INFO if certificate.passed else logging.ERROR, "%s", certificate.sentence)
    note(f"**Leak certificate** {'passed' if certificate.passed else 'FAILED'}.", plain(certificate.sentence))
    return certificate.as_json()


def workers(job: dict[str, Any]) -> list[int]:
    """Return a number for each task that shares the study."""
    return list(range(job["plan"]["workers"]))


def tune(job: dict[str, Any], worker: int) -> None:
    """Search the booster's parameters on all but the last block, until the study has its trials."""
    from mercado.bitcoin.training_job import TrainingJob

    stated, told = TrainingJob.of(job), 0

    def say(line: str) -> None:
        nonlocal told
        told += 1
        log.info("%s", line)

    with _trainer(f"tune {worker}") as trainer:
        trainer.tune(stated, worker=worker, say=say)
    note(f"**{told:,} trials** by worker {worker}, each a nested run of the {_run(stated)}.")


def best(job: dict[str, Any]) -> dict[str, Any]:
    """Return the study's best parameters."""
    from mercado.bitcoin.training_job import TrainingJob

    stated = TrainingJob.of(job)
    with _trainer("best") as trainer:
        found = asdict(trainer.best(stated))
    note(f"**Best of the study**, in the {_run(stated)}.", *(f"- {name} {value:.6g}" for name, value in found.items()))
    return found


def register(job: dict[str, Any], found: dict[str, Any], certificate: dict[str, Any]) -> dict[str, Any]:
    """Walk forward through the untouched block, judge, fit, register, report; return version, verdict and link."""
    from mercado.bitcoin.certificate import LeakCertificate
    from mercado.bitcoin.plan import BoosterParams
    from mercado.bitcoin.training_job import TrainingJob
    from mercado.registry import model_name
    from mercado.settings import TrackingSettings

    stated, proof = TrainingJob.of(job), LeakCertificate.of(certificate)
    with _trainer("register") as trainer:
        registered = trainer.register(stated, BoosterParams(**found), proof, say=log.info)
        link = TrackingSettings.read().ui_url() + trainer.run(stated).link(registered.report)
    log.info("Version %s: %s", registered.version, registered.reason)
    log.info("Report: %s", link)
    model = model_name(stated.symbol, stated.interval, stated.training_plan.horizon_bars)
    verdict = "may be served" if registered.promote else "is not good enough"
    wrote(MODEL_VERSIONS, model=model, version=registered.version, promote=registered.promote, run_id=stated.run_id)
    note(
        f"**{model} {links.mlflow_version(model, registered.version)} {verdict}.** {plain(registered.reason)}",
        f"[The report]({link}) · {_run(stated)}",
    )
    return asdict(registered) | {"link": link}


def ask(registered: dict[str, Any], params: dict[str, Any] | None = None) -> str:
    """Name the task that is next: a person's approval, where it is wanted and there is something to approve."""
    return "approve" if params and params["approval"] and registered["promote"] else "promote"


def promote(job: dict[str, Any], registered: dict[str, Any]) -> None:
    """Make the version champion if the gate lets it; be skipped if not."""
    from airflow.sdk.exceptions import AirflowSkipException

    from mercado.bitcoin.training_job import Registered, TrainingJob
    from mercado.registry import model_name

    training, stated = TrainingJob.of(job), Registered.of(registered)
    with _trainer("promote") as trainer:
        refusal = trainer.promote(training, stated)
    if refusal:
        raise AirflowSkipException(f"Version {stated.version} is not promoted. {refusal}")
    model = model_name(training.symbol, training.interval, training.training_plan.horizon_bars)
    wrote(CHAMPION, model=model, version=stated.version, before=stated.judged_against)
    before = f"in place of version {stated.judged_against}" if stated.judged_against else "the first"
    champion = links.mlflow_version(model, stated.version)
    note(
        f"**Champion** of {model} is {champion} now, {before}. {plain(stated.reason)}",
        f"{links.forecast()} follows within seconds. `mercado model rollback` takes it back.",
    )


def _run(job: "TrainingJob") -> str:
    return links.mlflow_run(job.experiment_id, job.run_id)


@contextmanager
def _trainer(step: str) -> Iterator["Trainer"]:
    from mercado.bitcoin.gate import GateRules
    from mercado.bitcoin.training import Trainer
    from mercado.settings import GateSettings, OptunaSettings, TrackingSettings
    from mercado_airflow.warehouse import warehouse_connection

    rules = GateRules(**GateSettings.read().model_dump())
    with warehouse_connection(f"bitcoin training {step}") as connection:
        yield Trainer(connection, TrackingSettings.read().resolved_uri(), OptunaSettings.read().resolved_url(), rules)
