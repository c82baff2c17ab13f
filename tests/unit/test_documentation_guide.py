"""The guide's steps are read as a person reads them; `make test-docs` follows them."""

from tests.documentation.pages import Command
from tests.documentation.steps import Query, WriteFile, steps


def test_the_guide_is_files_commands_and_queries_in_order() -> None:
    found = steps("docs/guides/add-your-own.md")
    files = [step.path for step in found if isinstance(step, WriteFile)]
    assert len(files) == len(set(files)) == 11
    assert [step.text for step in found if isinstance(step, Query)] == [
        "select currency, day, cop_per_unit from market_data.exchange_rates order by currency, day"
    ]
    typed = [step.text for step in found if isinstance(step, Command)]
    assert typed[0].startswith(".venv/bin/pytest")
    assert typed[-1] == "curl localhost:8000/model"


def test_every_python_file_of_the_guide_compiles() -> None:
    for step in steps("docs/guides/add-your-own.md"):
        if isinstance(step, WriteFile) and step.path.endswith(".py"):
            compile(step.text, step.path, "exec")
