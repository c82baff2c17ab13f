"""Real workbooks of DANE, each read once per session."""

from collections.abc import Callable
from functools import cache

import pytest

from mercado.landing.document import Document
from mercado.landing.reading import read_workbook
from tests.conftest import SAMPLES

FOLDER = SAMPLES / "excel"


def sample(name: str) -> bytes:
    """Return a sample's bytes, or skip the test where samples are not at hand."""
    if not FOLDER.is_dir():
        pytest.skip(f"no real workbooks in {FOLDER}")
    return (FOLDER / name).read_bytes()


@pytest.fixture(scope="session")
def real_document() -> Callable[[str], Document]:
    """Return what reads a sample by its name, once."""
    return cache(lambda name: read_workbook(sample(name), name.rpartition("/")[2]))
