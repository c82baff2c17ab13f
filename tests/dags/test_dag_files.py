"""Every DAG file keeps the house rules: thin, documented, bounded, cheap to parse."""

import ast
import inspect
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dags.conftest import DAG_FILES

LONGEST_FILE_LINES = 80
HEAVY = ("pandas", "numpy", "xgboost", "optuna", "mlflow", "binance", "sklearn", "zeep", "lxml", "mercado.bitcoin")
PROBE = """
import runpy, sys
runpy.run_path({file!r})
print([name for name in {heavy!r} if name in sys.modules])
"""


def test_each_file_holds_the_dag_of_its_name(dags: dict[str, Any]) -> None:
    assert sorted(dags) == [file.stem for file in DAG_FILES]


@pytest.mark.parametrize("file", DAG_FILES, ids=lambda file: file.stem)
def test_a_file_is_short_and_its_docstring_tells_how_to_run_it_again_and_what_to_do_when_it_fails(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert len(text.splitlines()) <= LONGEST_FILE_LINES
    assert [topic for topic in ("**Source**", "**Running again**", "**If it fails**") if topic not in docstring] == []


@pytest.mark.parametrize("file", DAG_FILES, ids=lambda file: file.stem)
def test_parsing_a_file_imports_nothing_heavy(file: Path, airflow_home: Path) -> None:
    probe = PROBE.format(file=str(file), heavy=HEAVY)
    seen = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert seen.stdout.strip().splitlines()[-1] == "[]"


def test_every_dag_is_bounded_and_documented(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        assert dag.doc_md
        assert dag.tags
        assert dag.catchup is False
        # Trainings of several series may run side by side; of anything else there is one at a time.
        assert dag.max_active_runs == (4 if dag.dag_id == "bitcoin_training_pipeline" else 1)
        assert dag.dagrun_timeout
        # A person has a day to answer; nothing else may take so long.
        machines = [task for task in dag.tasks if not hasattr(task, "response_timeout")]
        assert all(task.execution_timeout <= timedelta(hours=3) for task in machines)
        assert all(task.response_timeout < dag.dagrun_timeout for task in dag.tasks if task not in machines)
        assert all(task.doc_md for task in dag.tasks)
        assert [name for name in dag.params if not dag.params.get_param(name).description] == []


def test_no_argument_of_a_task_has_a_name_that_airflow_fills(dags: dict[str, Any]) -> None:
    """Airflow refuses such a task, but only when it runs."""
    from airflow.sdk.bases.decorator import KNOWN_CONTEXT_KEYS

    functions = {
        task.python_callable for dag in dags.values() for task in dag.tasks if hasattr(task, "python_callable")
    }
    filled = {
        f"{function.__name__}({name})"
        for function in functions
        for name, parameter in inspect.signature(function).parameters.items()
        if name in KNOWN_CONTEXT_KEYS and parameter.default is inspect.Parameter.empty
    }
    assert len(functions) > 10
    assert filled == set()


WHATEVER_HAPPENED = {"all_done", "always", "all_done_min_one_success", "none_skipped"}


def test_a_task_that_fails_makes_its_run_fail(dags: dict[str, Any]) -> None:
    """A run's state is that of its last tasks, so from each task a way of tasks that need it leads to one of them."""
    for dag in dags.values():
        hidden = [task.task_id for task in dag.tasks if not _is_seen(dag, task)]
        assert hidden == [], f"{dag.dag_id}: a failure of {hidden} would leave the run green"


def _is_seen(dag: Any, task: Any) -> bool:
    following = [dag.get_task(task_id) for task_id in task.downstream_task_ids]
    return not following or any(
        str(after.trigger_rule.value) not in WHATEVER_HAPPENED and _is_seen(dag, after) for after in following
    )
