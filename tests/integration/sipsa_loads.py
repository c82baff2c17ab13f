"""A document into the warehouse as if the service had answered it, for tests."""

import gzip
import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from mercado.sipsa.client import RawFile
from mercado.sipsa.contract import Operation
from mercado.sipsa.load import LoadedAnswer, load_answer
from mercado.warehouse.loads import recorded_load


def load_document(
    connection: psycopg.Connection,
    folder: Path,
    document: bytes,
    operation: Operation,
    *,
    latest: date,
    since: date | None = None,
    share: float = 0.01,
) -> LoadedAnswer:
    """Load the bytes of an answer; raises what `load_answer` raises."""
    path = folder / "answer.xml.gz"
    path.write_bytes(gzip.compress(document))
    raw = RawFile(path, "http://test", hashlib.sha256(document).hexdigest(), len(document), datetime.now(UTC))
    with recorded_load(connection, source="sipsa", scope=operation.name, origin="test") as load_id:
        return load_answer(
            connection, operation, raw, load_id=load_id, latest=latest, since=since, greatest_rejected_share=share
        )
