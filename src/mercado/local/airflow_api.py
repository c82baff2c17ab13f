"""Airflow's REST API (v2), as a person's browser or script uses it: log in, trigger a DAG, watch its tasks."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import requests

from mercado.errors import ConfigurationError, ServiceUnavailableError

TIMEOUT_SECONDS = 30
POLL_SECONDS = 1.0
PATIENCE_SECONDS = 180
ENDED = ("success", "failed")
TOLD = (*ENDED, "skipped", "up_for_retry", "upstream_failed")


class TaskInstance(NamedTuple):
    """A task in a run.

    Attributes:
        name: Its id; of a mapped one, what it is mapped to as well.
        state: Such as ``running``; ``waiting`` when it has none yet.
        seconds: How long it took, or ``None`` while that is not known.
    """

    name: str
    state: str
    seconds: float | None


class AirflowApi:
    """A session with one Airflow, logged in as its administrator.

    Args:
        address: Of its api-server.
        user: Who logs in.
        password: Of that user.
        timeout_seconds: How long an answer may take.

    Raises:
        ServiceUnavailableError: From any method: Airflow does not answer, or refuses.
    """

    def __init__(self, address: str, *, user: str, password: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._address = address
        self._timeout_seconds = timeout_seconds
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {self._token(user, password)}"

    def _token(self, user: str, password: str) -> str:
        try:
            answer = self.ask("POST", "/auth/token", json={"username": user, "password": password})
        except ServiceUnavailableError as error:
            refused = isinstance(error.__cause__, requests.HTTPError) and error.__cause__.response.status_code == 401
            if not refused:
                raise
            raise ConfigurationError(
                f"Airflow refuses the log-in of {user}: its password was changed in the UI. Put the new one in "
                f"place of AIRFLOW_ADMIN_PASSWORD in the settings."
            ) from error
        return str(answer["access_token"])

    def import_errors(self) -> list[str]:
        """Return the import errors of the DAG files."""
        return [error["stack_trace"] for error in self._get("/importErrors")["import_errors"]]

    def dag_ids(self) -> list[str]:
        """Return the DAGs that are known now."""
        return [dag["dag_id"] for dag in self._get("/dags")["dags"]]

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run by hand with Params and return its id."""
        body = {"logical_date": None, "conf": conf}
        return str(self.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run_ids(self, dag_id: str) -> list[str]:
        """Return the ids of a DAG's runs."""
        return [run["dag_run_id"] for run in self._get(f"/dags/{dag_id}/dagRuns?limit=100")["dag_runs"]]

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Return each task's state in a run, in the order in which the tasks started."""
        return {task.name: task.state for task in self.instances(dag_id, run_id)}

    def instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Return the tasks of a run, in the order in which they started."""
        found = self._get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        found.sort(key=lambda task: task["start_date"] or "9")
        return [TaskInstance(_name(task), task["state"] or "waiting", task["duration"]) for task in found]

    def watch(
        self,
        dag_id: str,
        run_id: str,
        *,
        seconds: float,
        on_task: Callable[[TaskInstance], None] = lambda task: None,
        on_look: Callable[[list[TaskInstance]], None] = lambda tasks: None,
    ) -> str:
        """Wait until a run ends and return ``success`` or ``failed``; what Airflow fails to answer is asked again.

        Args:
            dag_id: Of the run.
            run_id: The run.
            seconds: The longest wait.
            on_task: Told a task whose try has ended, once.
            on_look: Told all tasks as they are now, about once a second.

        Raises:
            ServiceUnavailableError: The run takes longer than ``seconds``, or Airflow is silent for three minutes.
        """
        seen: dict[str, str] = {}
        deadline = time.monotonic() + seconds
        while True:
            state, tasks = self._state(dag_id, run_id)
            on_look(tasks)
            for task in tasks:
                if seen.get(task.name) != task.state and task.state in TOLD:
                    on_task(task)
            seen = {task.name: task.state for task in tasks}
            if state in ENDED:
                return state
            if time.monotonic() > deadline:
                raise ServiceUnavailableError(f"{dag_id} {run_id} is still {state} after {seconds:.0f} s: {seen}")
            time.sleep(POLL_SECONDS)

    def _state(self, dag_id: str, run_id: str) -> tuple[str, list[TaskInstance]]:
        """Return a run's state and its tasks, asked for again while an overloaded or restarted Airflow has none."""
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return str(self._get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"]), self.instances(dag_id, run_id)
            except ServiceUnavailableError:
                if time.monotonic() > patient_until:
                    raise
                time.sleep(POLL_SECONDS)

    def _get(self, path: str) -> Any:
        return self.ask("GET", f"/api/v2{path}")

    def ask(self, method: str, path: str, **arguments: Any) -> Any:
        """Return the answer of any other endpoint, as JSON."""
        try:
            answer = self._session.request(method, self._address + path, timeout=self._timeout_seconds, **arguments)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise ServiceUnavailableError(f"Airflow at {self._address}: {method} {path}: {error}") from error
        return answer.json()


def _name(task: dict[str, Any]) -> str:
    """Return a task instance's name; of a mapped one, what it is mapped to as well."""
    if task["map_index"] < 0:
        return str(task["task_id"])
    return f"{task['task_id']} {task['rendered_map_index'] or task['map_index']}"
