"""Trainings of several series that begin at the same time, on a platform on which nothing was trained yet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from mercado.bitcoin.studies import StudyFacts, begin_study, facts_of
from mercado.tracking import TrackedRun
from tests.conftest import DatabaseServer
from tests.mlflow_server import MlflowServer

AT_ONCE = 4
Made = TypeVar("Made")


def at_once(make: Callable[[int], Made]) -> list[Made]:
    """Return what ``make`` gives for each of some numbers, all of them begun at the same instant."""
    ready = Barrier(AT_ONCE)

    def begun(number: int) -> Made:
        ready.wait()
        return make(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(begun, range(AT_ONCE)))


def test_their_studies_are_made_in_an_empty_database(database_server: DatabaseServer) -> None:
    url = database_server.create_database("studies_at_once_db")
    facts = [StudyFacts("BTCUSDT", f"{number}h", 0, 1, "digest", 1200, 4) for number in range(AT_ONCE)]
    at_once(lambda number: begin_study(url, f"study {number}", facts[number], seed=number))
    assert [facts_of(url, f"study {number}") for number in range(AT_ONCE)] == facts


def test_their_runs_are_in_one_experiment(mlflow_server: MlflowServer) -> None:
    runs = at_once(
        lambda number: TrackedRun.start(
            mlflow_server.uri, experiment="begun at once", name=f"run {number}", note="", about="What it is."
        )
    )
    assert len({run.experiment_id for run in runs}) == 1
    assert len({run.run_id for run in runs}) == AT_ONCE
