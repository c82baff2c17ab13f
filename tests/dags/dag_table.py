"""The README's table of DAGs, made from the DAGs themselves.

``python -m tests.dags.dag_table`` writes it between its two marks in each README; a test compares.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
READMES = (ROOT / "README.md", ROOT / "README.es.md")
START, END = "<!-- dags: make readme -->", "<!-- end of dags -->"


def dag_table(dags: Mapping[str, Any]) -> str:
    """Return the table in Markdown, a row per DAG: id, what starts it, what it does, its Params."""
    rows = [
        f"| `{dag_id}` | {_starts(dag)} | {_title(dag)} | {', '.join(f'`{name}`' for name in dag.params)} |"
        for dag_id, dag in sorted(dags.items())
    ]
    return "\n".join(["| DAG | starts | does | Params |", "|---|---|---|---|", *rows])


def table_in(readme: Path) -> str:
    """Return the table that stands between the marks."""
    return readme.read_text(encoding="utf-8").split(START)[1].split(END)[0].strip()


def write_table(readme: Path, table: str) -> None:
    """Put the table between the marks."""
    before, rest = readme.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")


def _starts(dag: Any) -> str:
    timetable = dag.timetable
    if hasattr(timetable, "expression"):
        return f"`{timetable.expression}` {timetable.timezone}"
    return " and ".join(f"asset `{asset.name}`" for asset in timetable.asset_condition.objects)


def _title(dag: Any) -> str:
    return str(dag.doc_md).splitlines()[0].lstrip("# ")


def _parse_dags() -> dict[str, Any]:
    """Return every DAG by its id, parsed with an empty home of Airflow's own."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["AIRFLOW_HOME"] = home
        os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
        os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = f"sqlite:///{home}/unused.db"
        from airflow.dag_processing.dagbag import DagBag

        return dict(DagBag(dag_folder=str(ROOT / "airflow" / "dags")).dags)


if __name__ == "__main__":
    for file in READMES:
        write_table(file, dag_table(_parse_dags()))
