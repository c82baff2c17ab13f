"""How tasks fail and are tried again: by what the error means, not by how often it came."""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryDecision, RetryPolicy, RetryRule

from mercado.errors import SourceUnavailableError
from mercado_airflow.lost_tries import tell_lost_try
from mercado_airflow.notes import note_failure, note_skip
from mercado_airflow.variables import variable

# Rules are tried in order, so the two that may pass by themselves stand before the base of the tree.
RETRY_BY_ERROR = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="mercado.errors.SourceUnavailableError",
            action=RetryAction.RETRY,
            retry_delay=timedelta(minutes=5),
            reason="the source does not answer; it may later",
        ),
        RetryRule(
            exception="mercado.errors.ServiceUnavailableError",
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=30),
            reason="a service of the platform does not answer; it may be starting",
        ),
        RetryRule(
            exception="mercado.errors.LoadInProgressError",
            action=RetryAction.RETRY,
            retry_delay=timedelta(minutes=2),
            reason="another load of the same series runs",
        ),
        RetryRule(
            exception="mercado.errors.MercadoError",
            action=RetryAction.FAIL,
            reason="trying again does not help; the message says what does",
        ),
    ]
)


class SipsaRetryPolicy(RetryPolicy):  # type: ignore[misc]  # Airflow is not analysed
    """Like `RETRY_BY_ERROR`, but waits for the service as long as ``sipsa_retry_delay_minutes`` says at that moment."""

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """Return what to do about ``exception``; read in the task's own process, where variables can be had."""
        decision = RETRY_BY_ERROR.evaluate(exception, try_number, max_tries, context)
        if isinstance(exception, SourceUnavailableError):
            minutes = float(variable("sipsa_retry_delay_minutes"))
            return RetryDecision(decision.action, timedelta(minutes=minutes), decision.reason)
        return decision


# What needs the platform's folders runs on one queue, what needs the network only on the other: with the CeleryExecutor
# workers on another machine take the latter. The LocalExecutor runs both.
INGEST_QUEUE = "ingest"
TRAIN_QUEUE = "train"

TASK_DEFAULTS: dict[str, Any] = {
    "queue": INGEST_QUEUE,
    "retries": 4,
    "retry_delay": timedelta(minutes=1),
    "retry_policy": RETRY_BY_ERROR,
    "execution_timeout": timedelta(hours=1),
    "on_execute_callback": tell_lost_try,
    "on_failure_callback": note_failure,
    "on_retry_callback": note_failure,
    "on_skipped_callback": note_skip,
    "owner": "mercado",
}

TRAINING_TASK_DEFAULTS: dict[str, Any] = TASK_DEFAULTS | {"queue": TRAIN_QUEUE}

SIPSA_TASK_DEFAULTS: dict[str, Any] = TASK_DEFAULTS | {
    "retries": 8,
    "retry_policy": SipsaRetryPolicy(),
    "execution_timeout": timedelta(hours=2),
}


def every_one(task_id: str) -> EmptyOperator:
    """Return a last task that needs every task before it: a run's state is that of its last tasks.

    Without it, a task that failed would leave the run green when another one runs after it whatever happened.
    """
    return EmptyOperator(task_id=task_id, doc_md="Fails with any task before it, so that the run shows the failure.")
