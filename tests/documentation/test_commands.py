"""Every command of the documentation, typed in a fresh clone: it ends as it should, and prints what the page shows."""

import json

import pytest

from fastapi_app.documentation import example_batch, example_features, example_request
from tests.documentation.checking import check
from tests.documentation.clone import Clone
from tests.documentation.registry import Run, runs

pytestmark = pytest.mark.timeout(1800)
# The makefile finds the demo by itself, as it does for a user; the command line is told where its databases are.
TOLD = (".venv/bin/mercado", "mercado")


@pytest.mark.parametrize("run", runs("demo"), ids=lambda run: run.command)
def test_a_command_works_on_the_demo(clone: Clone, run: Run) -> None:
    if run.command.startswith("select "):
        clone.ask(run.command)
        return
    if "-d @" in run.command:
        write_bodies(clone)
    check(run, clone.type(run, more=clone.on_demo if run.command.startswith(TOLD) else {}))


def write_bodies(clone: Clone) -> None:
    """Write the examples of the API's document where the page about it says they are; of the batch, stored candles."""
    as_of = clone.ask(
        "select max(close_time_utc) + interval '1 millisecond' from market_data.klines where interval = '1h'"
    )
    batch = example_batch() | {"as_of_utc": [as_of[0][0].isoformat()]}
    for name, body in (("predict", example_request()), ("batch", batch), ("features", example_features())):
        (clone.folder / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
