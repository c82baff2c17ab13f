"""What the READMEs say about the DAGs is what the DAGs say."""

from pathlib import Path
from typing import Any

import pytest

from tests.dags.dag_table import READMES, dag_table, table_in


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.name)
def test_the_table_of_dags_is_current(readme: Path, dags: dict[str, Any]) -> None:
    assert table_in(readme) == dag_table(dags, readme), "run `make readme`"
