"""Runs of a demo's DAGs, told task by task while they go on."""

from dataclasses import dataclass

from mercado.errors import ServiceUnavailableError
from mercado.local.airflow_api import AirflowApi, TaskInstance
from mercado.local.narration import Narrator
from mercado.local.places import run_page
from mercado.local.platform import Platform
from mercado.local.waiting import wait_until

# Many times what the longest run takes on a machine that does nothing else.
DAG_SECONDS = 1200
START_SECONDS = 60


@dataclass(frozen=True)
class DagRuns:
    """The runs in one Airflow.

    Attributes:
        airflow: The session with it.
        platform: Whose it is.
        narrator: Told what happens.
    """

    airflow: AirflowApi
    platform: Platform
    narrator: Narrator

    def run(self, dag_id: str) -> str:
        """Run a DAG by hand to its end and return the run's id; raises as `watch`."""
        run_id = self.airflow.trigger(dag_id, {})
        self.watch(dag_id, run_id)
        return run_id

    def watch(self, dag_id: str, run_id: str) -> None:
        """Tell the tasks of a run until it ends.

        Raises:
            ServiceUnavailableError: It failed; names the tasks and where their logs are.
        """
        address = run_page(self.platform, dag_id, run_id)
        self.narrator.say(f"  In Airflow: {address}")
        failed: list[str] = []

        def tell(task: TaskInstance) -> None:
            took = "" if task.seconds is None or task.state == "skipped" else f"{task.seconds:7.1f} s"
            self.narrator.say(f"    {task.name:<48} {task.state:<10}{took}".rstrip())
            if task.state == "failed":
                failed.append(task.name)

        state = self.airflow.watch(dag_id, run_id, seconds=DAG_SECONDS, on_task=tell, on_look=self._show_progress)
        if state != "success":
            raise ServiceUnavailableError(
                f"{dag_id} failed in {', '.join(failed) or 'no task'}: its log, at {address}, says why and what to do."
            )

    def await_new(self, dag_id: str, earlier: set[str], *, count: int = 1, log: str) -> set[str]:
        """Return the runs that are not among the earlier ones, once there are so many.

        Args:
            dag_id: Something else than a person starts it.
            earlier: Ids of its runs so far.
            count: How many are awaited.
            log: How a person reads the log of what starts it.

        Raises:
            ServiceUnavailableError: They are not there within a minute; names the log.
        """
        wait_until(
            lambda: len(set(self.airflow.run_ids(dag_id)) - earlier) >= count,
            seconds=START_SECONDS,
            problem=lambda: f"{dag_id} did not start by itself, {count} times; see {log}.",
        )
        return set(self.airflow.run_ids(dag_id)) - earlier

    def _show_progress(self, tasks: list[TaskInstance]) -> None:
        running = ", ".join(task.name for task in tasks if task.state == "running")
        done = sum(task.state == "success" for task in tasks)
        self.narrator.doing(f"{done} tasks done" + (f", now {running}" if running else ""))
