"""Following a run while services come and go, and reading afterwards what Airflow's UI says of what failed."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mercado.errors import MercadoError, ServiceUnavailableError
from mercado.local.airflow_api import AirflowApi
from mercado.local.waiting import wait_until
from mercado.warehouse.connection import connect
from tests.reliability.stack import Stack

STRIKE_SECONDS = 180
LONGEST_RUN_SECONDS = 600
POLL_SECONDS = 0.1
PATIENT_POLL_SECONDS = 2.0
STARTED_AFTER = "select run_id from dag_run where dag_id = %s and queued_at >= %s order by queued_at"
RUNNING = "select 1 from task_instance where dag_id = %s and run_id = any(%s) and task_id = %s and state = 'running'"
STATES = "select state from dag_run where dag_id = %s and run_id = any(%s)"
UNDER_WAY = "select dag_id, run_id from dag_run where state in ('running', 'queued')"
# What an Airflow log's last error looks like: the exception's class and its words.
ERROR_LINE = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Timeout|Interrupt))\b:? ?(.*)")
# What libraries print, progress for one, is logged as an error whatever it says.
STREAMS = ("task.stdout", "task.stderr")
KILLED = re.compile(r"Try \d+ was killed")
LONGEST_REASON = 160


@dataclass(frozen=True)
class Watch:
    """The runs of one DAG that started after an instant, read from Airflow's database: the API may be what is down."""

    stack: Stack
    dag_id: str
    since: datetime

    def runs(self) -> list[str]:
        """Return the ids of the runs, oldest first."""
        return [str(run_id) for (run_id,) in self._ask(STARTED_AFTER, (self.dag_id, self.since))]

    def wait_for_task(self, task_id: str) -> None:
        """Return as soon as a task of that name runs.

        Raises:
            ServiceUnavailableError: None does in time.
        """
        deadline = time.monotonic() + STRIKE_SECONDS
        while time.monotonic() < deadline:
            if self._ask(RUNNING, (self.dag_id, self.runs(), task_id)):
                return
            time.sleep(POLL_SECONDS)
        raise ServiceUnavailableError(f"No task {task_id} of {self.dag_id} runs.")

    def wait_for_end(self) -> list[str]:
        """Return the states in which the runs have ended; what does not answer meanwhile is asked again.

        Raises:
            ServiceUnavailableError: They take longer than ten minutes.
        """
        deadline = time.monotonic() + LONGEST_RUN_SECONDS
        states: list[str] = []
        while time.monotonic() < deadline:
            try:
                states = [str(state) for (state,) in self._ask(STATES, (self.dag_id, self.runs()))]
            except MercadoError:
                states = []
            if states and set(states) <= {"success", "failed"}:
                return states
            time.sleep(PATIENT_POLL_SECONDS)
        raise ServiceUnavailableError(f"{self.dag_id} has not ended: {states}")

    def _ask(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with connect(self.stack.demo.platform.database_url("airflow"), application="reliability") as connection:
            return connection.execute(statement, values).fetchall()


def wait_until_idle(stack: Stack) -> None:
    """Return when no run of any DAG is under way: new candles, for one, start a training."""

    def under_way() -> list[tuple[Any, ...]]:
        with connect(stack.demo.platform.database_url("airflow"), application="reliability") as connection:
            return connection.execute(UNDER_WAY).fetchall()

    wait_until(
        lambda: not under_way(), seconds=LONGEST_RUN_SECONDS, problem=lambda: f"Runs have not ended: {under_way()}"
    )


def failed_tries(airflow: AirflowApi, dag_id: str, run_id: str) -> list[str]:
    """Return for each try of a task that did not succeed what the UI says of it; empty text where it says nothing."""
    run = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
    said = []
    for task in airflow.ask("GET", f"{run}/taskInstances?limit=100")["task_instances"]:
        place = f"{run}/taskInstances/{task['task_id']}"
        mapped = f"?map_index={task['map_index']}"
        of_task = f"{place}/{task['map_index']}/tries" if task["map_index"] >= 0 else f"{place}/tries"
        for attempt in airflow.ask("GET", of_task)["task_instances"]:
            if attempt["state"] in ("failed", "up_for_retry", "restarting", "up_for_reschedule"):
                number = attempt["try_number"]
                log, next_log = (
                    airflow.ask("GET", f"{place}/logs/{each}{mapped}")["content"] for each in (number, number + 1)
                )
                reason = _reason(log) or _audited(airflow, task, number) or _told_by_the_next(next_log)
                said.append(f"{task['task_id']}, try {number}: {reason}" if reason else "")
    return said


def _reason(log: Any) -> str:
    """Return the error that ended a try, or else the last one in its log."""
    found = ""
    for entry in log if isinstance(log, list) else []:
        if entry.get("logger") in STREAMS:
            continue
        if chain := entry.get("error_detail"):
            return _shortened(f"{chain[0]['exc_type']}: {chain[0]['exc_value']}")
        if match := ERROR_LINE.search(str(entry.get("event", ""))):
            found = match[0]
        if entry.get("level") in ("error", "critical") and not found:
            found = str(entry["event"])
    return _shortened(found)


def _told_by_the_next(log: Any) -> str:
    """Return what a try says of the one before it."""
    events = (str(entry.get("event", "")) for entry in log if isinstance(entry, dict))
    return _shortened(next((event for event in events if KILLED.match(event)), ""))


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_REASON else f"{words[:LONGEST_REASON]}…"


def _audited(airflow: AirflowApi, task: dict[str, Any], number: int) -> str:
    """Return what Airflow's audit log says of a try that could not say anything itself."""
    wanted = {"dag_id": task["dag_id"], "task_id": task["task_id"], "run_id": task["dag_run_id"], "limit": 100}
    events = airflow.ask("GET", "/api/v2/eventLogs", params=wanted)["event_logs"]
    ends = [
        event
        for event in events
        if event["map_index"] in (None, task["map_index"])
        and event["try_number"] in (None, number)
        and event["event"] not in ("running", "success", "failed", "up_for_retry")
    ]
    return _shortened(" ".join(f"{event['event']} {event['extra'] or ''}" for event in ends))
