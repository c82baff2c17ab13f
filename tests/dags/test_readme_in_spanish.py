"""The Spanish README tells in Spanish what each DAG of this platform does."""

from typing import Any

from tests.dags.dag_table import IN_SPANISH


def test_each_dag_has_a_line_in_spanish(dags: dict[str, Any]) -> None:
    assert set(IN_SPANISH) == set(dags), "say it in tests/dags/dag_table.py, then `make readme`"
