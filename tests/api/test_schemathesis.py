"""Requests made from the OpenAPI document: every answer conforms to it, and none is a mistake of the server.

Schemathesis sends what the document allows, what it forbids, and its examples, to a real server; all of its checks are
on, and the same requests are made each time.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from fastapi_app.warehouse import LatestCandles
from tests.api.builders import NOW, FolderRegistry, StoredCandles, generate_candles, read_from
from tests.api.serving import running_server

# No document can say that candles follow one another, that an instant is one of theirs, or how many features this model
# has: what is allowed there may be refused, as declared.
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
"""
SCHEMATHESIS: Final = (sys.executable, "-m", "schemathesis.cli")
NEEDS_AN_ID: Final = ("GET", "/predictions/{prediction_id}")
NEED_NO_MODEL: Final = {("GET", "/health/live"), ("GET", "/metrics")}


def answered(app: FastAPI, operation: tuple[str, str], *, status: int) -> float:
    """Return how often an operation was answered with a status."""
    labels = dict(zip(("method", "route"), operation, strict=True)) | {"status": str(status)}
    return app.state.services.telemetry.registry.get_sample_value("mercado_api_answers_total", labels) or 0


@pytest.mark.parametrize(
    ("champion", "examples", "phases"), [(1, 25, "examples,coverage,fuzzing"), (None, 10, "examples,fuzzing")]
)
def test_every_answer_conforms_to_the_document_with_and_without_a_model(
    model_folders: dict[int, Path], tmp_path: Path, champion: int | None, examples: int, phases: str
) -> None:
    app = create_app(ApiSettings(_env_file=None), FolderRegistry(model_folders, champion), now=lambda: NOW)
    history = generate_candles(1300)
    read_from(app, StoredCandles(LatestCandles(history[-1000:], 0, "binance"), history=history))
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(examples=examples))
    operations = {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}
    with running_server(app) as url:
        command = (*SCHEMATHESIS, "--config-file", config, "run", f"{url}/openapi.json")
        options = ("--checks", "all", "--continue-on-failure", "--warnings", "off", "--phases", phases)
        done = subprocess.run(
            [*command, *options], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {len(operations)}" in " ".join(done.stdout.split())
    good = {operation for operation in operations if answered(app, operation, status=200)}
    assert good == (operations - {NEEDS_AN_ID} if champion else NEED_NO_MODEL)
