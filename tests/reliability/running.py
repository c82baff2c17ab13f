"""One cell of the table: reset, start, strike, wait until all is well again, compare with what should be there."""

import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from mercado.errors import MercadoError
from tests.reliability.cells import Cell
from tests.reliability.drills import Drill, Result
from tests.reliability.stack import Stack
from tests.reliability.watching import Watch, failed_tries, wait_until_idle


@dataclass
class Outcome:
    """What became of a cell.

    Attributes:
        name: The cell's.
        fault: What was done.
        dag_id: During which DAG.
        task: At which task.
        healthy_seconds: From the end of the fault until every service was healthy.
        recovered_seconds: From the end of the fault until the data were there.
        states: How the DAG's runs ended.
        said: What Airflow's UI says of each try that failed; empty text where it says nothing.
        differences: What is not as an undisturbed run leaves it.
        problem: Why the cell could not be run to its end.
    """

    name: str
    fault: str
    dag_id: str
    task: str
    healthy_seconds: float = 0.0
    recovered_seconds: float = 0.0
    states: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def green(self) -> bool:
        """Return whether the platform came back by itself, with the same data, and told what had failed."""
        return not self.problem and not self.differences and all(self.said)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as it is recorded."""
        return asdict(self) | {"green": self.green}


def undisturbed(stack: Stack, drill: Drill) -> Result:
    """Return what a DAG makes when nothing happens.

    Raises:
        RuntimeError: It fails even so.
    """
    wait_until_idle(stack)
    drill.reset(stack)
    watch = Watch(stack, drill.dag_id, datetime.now(UTC))
    drill.start(stack)
    states = watch.wait_for_end()
    if set(states) != {"success"}:
        raise RuntimeError(f"{drill.dag_id} fails undisturbed: {states}")
    return drill.result(stack)


def run_cell(stack: Stack, cell: Cell, expected: Result) -> Outcome:
    """Run a cell and return what became of it; a cell that breaks off says why."""
    drill = cell.drill
    outcome = Outcome(cell.name, cell.fault.name, drill.dag_id, drill.strikes_at)
    services = stack.services()
    try:
        wait_until_idle(stack)
        drill.reset(stack)
        watch = Watch(stack, drill.dag_id, datetime.now(UTC))
        _strike(stack, cell, watch)
        ended = time.monotonic()
        outcome.healthy_seconds = round(stack.wait_until_healthy(services), 1)
        outcome.states = watch.wait_for_end()
        if cell.fails:
            outcome.problem = _made_up_for(stack, drill, outcome.states)
        elif set(outcome.states) != {"success"}:
            outcome.problem = f"the runs ended {outcome.states}"
        outcome.recovered_seconds = round(time.monotonic() - ended, 1)
        outcome.differences = differences(expected, drill.result(stack))
        for run_id in watch.runs():
            outcome.said += failed_tries(stack.demo.airflow, drill.dag_id, run_id)
    except (MercadoError, RuntimeError) as error:
        outcome.problem = outcome.problem or str(error)
    return outcome


def _strike(stack: Stack, cell: Cell, watch: Watch) -> None:
    """Start the drill and let the fault happen: at its task, or, where none is named, before the run begins."""
    if cell.fails:
        with cell.fault.on(stack):
            cell.drill.start(stack)
            watch.wait_for_end()
        return
    cell.drill.start(stack)
    if cell.drill.strikes_at:
        watch.wait_for_task(cell.drill.strikes_at)
    with cell.fault.on(stack):
        pass


def _made_up_for(stack: Stack, drill: Drill, states: list[str]) -> str:
    """Run the DAG again after one that had to fail; return what is wrong."""
    if "failed" not in states:
        return f"the run did not fail visibly: {states}"
    again = Watch(stack, drill.dag_id, datetime.now(UTC))
    drill.start(stack)
    later = again.wait_for_end()
    return "" if set(later) == {"success"} else f"the run after it ended {later}"


def differences(expected: Result, found: Result) -> list[str]:
    """Return each figure that differs, with both values."""
    names = sorted(expected.keys() | found.keys())
    return [
        f"{name}: {found.get(name)} in place of {expected.get(name)}"
        for name in names
        if found.get(name) != expected.get(name)
    ]
