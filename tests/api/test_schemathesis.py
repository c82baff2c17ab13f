"""Every operation that needs no table of the warehouse conforms to the document, with and without a model."""

from pathlib import Path
from typing import Final

import pytest

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from fastapi_app.warehouse import LatestCandles
from tests.api.builders import NOW, FolderRegistry, StoredCandles, generate_candles, read_from
from tests.api.conformance import answered_well, operations, reads_tables, require_conforming

NEEDS_AN_ID: Final = ("GET", "/predictions/{prediction_id}")
NEED_NO_MODEL: Final = {
    ("GET", "/health/live"),
    ("GET", "/metrics"),
    ("GET", "/model/versions"),
    ("GET", "/models"),
}


@pytest.mark.parametrize(
    ("champion", "examples", "phases"), [(1, 25, "examples,coverage,fuzzing"), (None, 10, "examples,fuzzing")]
)
def test_every_answer_conforms_to_the_document_with_and_without_a_model(
    model_folders: dict[int, Path], tmp_path: Path, champion: int | None, examples: int, phases: str
) -> None:
    app = create_app(ApiSettings(_env_file=None), FolderRegistry(model_folders, champion), now=lambda: NOW)
    history = generate_candles(1300)
    read_from(app, StoredCandles(LatestCandles(history[-1000:], 0, "binance"), history=history))
    wanted = {operation for operation in operations(app) if not reads_tables(operation)}
    require_conforming(app, tmp_path, wanted, examples=examples, phases=phases)
    assert answered_well(app) == (wanted - {NEEDS_AN_ID} if champion else NEED_NO_MODEL)
