"""A person's yes or no in the middle of a run, given in Airflow's UI under *Required Actions*."""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator


def approval(task_id: str) -> ApprovalOperator:
    """Return a task that waits until a person approves or rejects what the task ``register`` returned."""
    return ApprovalOperator(
        task_id=task_id,
        subject="Serve version {{ ti.xcom_pull(task_ids='register')['version'] }} from now on?",
        body="{% set r = ti.xcom_pull(task_ids='register') %}{{ r['reason'] }}\n\n[The report]({{ r['link'] }}) shows "
        "how it did, and what it does not know.",
        doc_md="Approve: the version becomes champion. Reject, or no answer within a day: the champion stays.",
        defaults=ApprovalOperator.REJECT,
        response_timeout=timedelta(days=1),
        execution_timeout=None,
    )
