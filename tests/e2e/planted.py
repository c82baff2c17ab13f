"""The faults that are planted: how, which checks are asked, and the ids that must come with which words and remedy."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain

from mercado.doctor.runner import Group
from mercado.doctor.target import Runtime
from tests.demo import Demo
from tests.e2e.planting import rows

Plant = Callable[[Demo], AbstractContextManager[None]]


@dataclass(frozen=True)
class Planted:
    """A fault.

    Attributes:
        name: What is wrong.
        plant: Makes it so, and takes it back.
        group: The checks that are asked.
        finds: Id of each finding that must come, with words that its detail or remedy must have.
        later: How much later than now the doctor looks.
    """

    name: str
    plant: Plant
    group: Group
    finds: dict[str, tuple[str, ...]]
    later: timedelta = timedelta()


def in_containers(group: Group) -> Group:
    """Return a group that asks as if clients were in containers, which call MLflow by the name of its service."""
    return lambda target: group(replace(target, runtime=Runtime.DOCKER))


def airflow_rows(do: str, undo: str) -> Plant:
    return lambda demo: rows(demo, do, undo, database=demo.platform.values["POSTGRES_DB_AIRFLOW"])


def warehouse_rows(do: str, undo: str) -> Plant:
    return lambda demo: rows(demo, do, undo)


def together(*groups: Group) -> Group:
    """Return groups of checks as one."""
    return lambda target: chain.from_iterable(group(target) for group in groups)
