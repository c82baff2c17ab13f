"""The containers of a demo with workers: what runs where, and what its tasks said."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import kombu.pools
from celery import Celery

from mercado.environment import BROKER_PASSWORD
from mercado.local.stages import TRAINING
from mercado.local.waiting import wait_until
from tests.demo import Demo
from tests.docker_engine import containers, docker, service

WORKER = "airflow-worker"
HEALTHY_SECONDS = 180
COMMAND_SECONDS = 5


@dataclass(frozen=True)
class Stack:
    """A running demo with workers.

    Attributes:
        demo: Its settings, ports and commands.
        project: Compose's name for it.
    """

    demo: Demo
    project: str

    def containers(self, name: str) -> list[dict[str, Any]]:
        """Return what the engine says of each container of a service."""
        return [each for each in containers(self.demo) if service(each) == name]

    def instances(self, run_id: str, task_id: str) -> list[dict[str, Any]]:
        """Return what Airflow says of each instance of a training's task, by map index."""
        path = f"/api/v2/dags/{TRAINING}/dagRuns/{run_id}/taskInstances"
        found = [each for each in self.demo.airflow.ask("GET", path)["task_instances"] if each["task_id"] == task_id]
        return sorted(found, key=lambda each: int(each["map_index"]))

    def log(self, run_id: str, task_id: str, *, attempt: int, map_index: int) -> str:
        """Return a log of a training's task as the UI shows it, with the places that it was read from."""
        task = f"/api/v2/dags/{TRAINING}/dagRuns/{run_id}/taskInstances/{task_id}"
        answer = self.demo.airflow.ask("GET", f"{task}/logs/{attempt}", params={"map_index": map_index})
        return json.dumps(answer["content"])

    def job(self, run_id: str) -> dict[str, Any]:
        """Return what the first task of a training gave to the others."""
        path = f"/api/v2/dags/{TRAINING}/dagRuns/{run_id}/taskInstances/start/xcomEntries/return_value"
        value = self.demo.airflow.ask("GET", path)["value"]
        job: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
        return job

    @contextmanager
    def left_alone(self, queue: str) -> Iterator[None]:
        """Let the workers that run now take nothing from a queue while the block runs."""
        self._command("cancel_consumer", queue)
        try:
            yield
        finally:
            self._command("add_consumer", queue)

    def _command(self, command: str, queue: str) -> None:
        values = self.demo.platform.values
        try:
            with Celery(broker=f"redis://:{values[BROKER_PASSWORD]}@127.0.0.1:{values['REDIS_PORT']}/0") as celery:
                answers = getattr(celery.control, command)(queue, reply=True, timeout=COMMAND_SECONDS)
        finally:
            # Kept for the next command, its connections would be those of a Redis that was started again since.
            kombu.pools.reset()
        assert answers, f"No worker answers {command}"

    @contextmanager
    def stopped_for_a_while(self, container: str) -> Iterator[None]:
        """Start a container again that the block has killed, and return when it is healthy."""
        try:
            yield
        finally:
            docker("start", container)
        wait_until(
            lambda: docker("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy",
            seconds=HEALTHY_SECONDS,
            problem=lambda: f"{container} is not healthy again.",
        )
