"""Requests made from the OpenAPI document: every answer conforms to it, and none is a mistake of the server.

Schemathesis sends what the document allows, what it forbids, and its examples, to a real server; all of its checks are
on, and the same requests are made each time.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from tests.api.serving import running_server

Operation = tuple[str, str]
# No document can say that candles follow one another, that an instant is one of theirs, how many features this model
# has, of which series models are served, or what a cursor is: what is allowed there may be refused, as declared.
CONFIG: Final = """
[generation]
deterministic = true
max-examples = {examples}
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
[[operations]]
include-method = "POST"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "422", "503"]
[[operations]]
include-path-regex = "^/({lists})"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "422", "503"]
[[operations]]
include-path-regex = "^/(predict$|model)"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "422", "503"]
"""
LISTS: Final = (
    "products",
    "markets",
    "prices",
    "candles",
    "forecasts",
    "monitoring",
    "loads",
    "quality",
    "platform",
)
SCHEMATHESIS: Final = (sys.executable, "-m", "schemathesis.cli")


def operations(app: FastAPI) -> set[Operation]:
    """Return method and path of each operation."""
    return {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}


def reads_tables(operation: Operation) -> bool:
    """Return whether an operation reads tables of the warehouse and nothing else, so that it needs a real one."""
    return operation[1].startswith(tuple(f"/{name}" for name in LISTS))


def require_conforming(app: FastAPI, folder: Path, wanted: set[Operation], *, examples: int, phases: str) -> None:
    """Send requests to operations of a running server and fail with Schemathesis' own report.

    Args:
        app: What is served.
        folder: For the configuration.
        wanted: Operations to try.
        examples: Random requests to each.
        phases: Of Schemathesis, with commas between.
    """
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG.format(examples=examples, lists="|".join(LISTS)))
    paths = [option for path in sorted({path for _, path in wanted}) for option in ("--include-path", path)]
    with running_server(app) as url:
        command = (*SCHEMATHESIS, "--config-file", config, "run", f"{url}/openapi.json", *paths)
        options = ("--checks", "all", "--continue-on-failure", "--warnings", "off", "--phases", phases)
        done = subprocess.run(
            [*command, *options], cwd=folder, capture_output=True, text=True, check=False, timeout=240
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {len(wanted)}" in " ".join(done.stdout.split())


def answered_well(app: FastAPI) -> set[Operation]:
    """Return the operations that have answered 200 at least once."""
    return {operation for operation in operations(app) if _count(app, operation)}


def _count(app: FastAPI, operation: Operation) -> float:
    labels = dict(zip(("method", "route"), operation, strict=True)) | {"status": "200"}
    return app.state.services.telemetry.registry.get_sample_value("mercado_api_answers_total", labels) or 0
