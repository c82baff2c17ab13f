"""Reading ahead in other processes: what is loaded is what is in the files, whatever happens to either meanwhile."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from mercado.errors import RejectedFileError
from mercado.landing import read_ahead
from mercado.landing.content import read_incoming
from mercado.landing.document import Document
from mercado.landing.ingest import Folders, Status, ingest_files
from mercado.landing.prepared import PreparedDocument, prepared
from mercado.landing.read_ahead import LEAST_FILES, ReadAhead
from tests.integration.landing_documents import daily, read_document

ELSEWHERE, HERE = "read by another process", "read by the test itself"


def telling_reader(content: bytes, name: str) -> Document:
    """Read a document, and note whether this process did it or another one."""
    document = read_document(content, name)
    return replace(document, notes=[ELSEWHERE if multiprocessing.parent_process() else HERE])


def dying_reader(content: bytes, name: str) -> Document:
    """Die like a process without memory, but only when read ahead."""
    if multiprocessing.parent_process():
        os.kill(os.getpid(), signal.SIGKILL)
    return read_document(content, name)


@pytest.fixture
def dropped(folders: Folders) -> list[Path]:
    """Return the paths of workbooks, enough to be read ahead."""
    paths = [folders.landing_zone / f"{number:03}.xlsx" for number in range(LEAST_FILES)]
    for number, path in enumerate(paths):
        path.write_bytes(daily({f"Product {number}": "10"}))
    return paths


@pytest.fixture
def ahead(dropped: list[Path]) -> Iterator[ReadAhead]:
    """Yield one that has read, or is reading, what was dropped."""
    with ReadAhead(telling_reader, processes=2) as reader:
        reader.expect(dropped)
        yield reader


def of_another_process(document: PreparedDocument | None) -> bool:
    return document is not None and document.notes == [ELSEWHERE]


def test_each_file_is_read_by_another_process_and_says_the_same(ahead: ReadAhead, dropped: list[Path]) -> None:
    for path in dropped:
        incoming = read_incoming(path)
        document = ahead.document(incoming)
        assert of_another_process(document)
        assert document is not None
        assert incoming.content is not None
        assert document.rows == prepared(read_document(incoming.content, incoming.name)).rows


def test_a_file_with_other_bytes_by_now_is_not_taken_as_it_was(ahead: ReadAhead, dropped: list[Path]) -> None:
    changed, same = dropped[:2]
    assert of_another_process(ahead.document(read_incoming(changed)))
    changed.write_bytes(daily({"Product": "99"}))
    assert ahead.document(read_incoming(changed)) is None
    assert of_another_process(ahead.document(read_incoming(same)))


def test_a_refusal_comes_with_its_problems(folders: Folders, dropped: list[Path]) -> None:
    problem = ["1.8!D37", "a price", "free"]
    dropped[3].write_bytes(daily(refuse=[problem]))
    with ReadAhead(telling_reader, processes=1) as ahead:
        ahead.expect(dropped)
        with pytest.raises(RejectedFileError, match=dropped[3].name) as raised:
            ahead.document(read_incoming(dropped[3]))
    assert [str(each) for each in raised.value.problems] == ["1.8!D37: expected a price, found 'free'"]


def test_everything_dropped_is_loaded_once_although_files_change_and_vanish(
    landing: psycopg.Connection, folders: Folders, ahead: ReadAhead, dropped: list[Path]
) -> None:
    for path in dropped:
        ahead.document(read_incoming(path))
    dropped[1].write_bytes(daily({"Product 1": "99"}))
    dropped[2].unlink()
    dropped[4].write_bytes(dropped[5].read_bytes())
    outcomes = ingest_files(landing, dropped, folders, read=telling_reader, ahead=ahead)
    statuses = {outcome.name: outcome.status for outcome in outcomes}
    expected = {path.name: Status.LOADED for path in dropped}
    assert statuses == expected | {dropped[2].name: Status.GONE, dropped[5].name: Status.ALREADY_LOADED}
    loaded = landing.execute("select product_name, price_cop::int from sipsa_data.mayoristas_prices").fetchall()
    products = [f"Product {number}" for number in range(len(dropped)) if number not in (2, 4)]
    assert sorted(loaded) == sorted((product, 99 if product == "Product 1" else 10) for product in products)


def test_files_are_loaded_although_the_processes_that_read_ahead_are_killed(
    landing: psycopg.Connection, folders: Folders, dropped: list[Path]
) -> None:
    with ReadAhead(dying_reader, processes=2) as ahead:
        outcomes = ingest_files(landing, dropped, folders, read=dying_reader, ahead=ahead)
    assert [outcome.status for outcome in outcomes] == [Status.LOADED] * len(dropped)


def test_no_more_is_read_ahead_than_memory_is_set_apart_for(
    monkeypatch: pytest.MonkeyPatch, dropped: list[Path]
) -> None:
    size = dropped[0].stat().st_size
    monkeypatch.setattr(read_ahead, "MOST_BYTES", 3 * size)
    with ReadAhead(telling_reader, processes=1) as ahead:
        ahead.expect(dropped)
        assert sum(ahead.document(read_incoming(path)) is not None for path in dropped) == 3
        ahead.done(dropped[0])
        ahead.done(dropped[1])
        read = [ahead.document(read_incoming(path)) is not None for path in dropped[:6]]
    assert read == [False, False, True, True, True, False]


def test_a_few_files_are_worth_no_process(dropped: list[Path]) -> None:
    before = len(psutil.Process().children())
    with ReadAhead(telling_reader, processes=2) as ahead:
        ahead.expect(dropped[1:])
        assert ahead.document(read_incoming(dropped[1])) is None
        assert len(psutil.Process().children()) == before


DRIVER = """
import sys, time
from pathlib import Path
from mercado.landing.read_ahead import ReadAhead
from tests.integration.landing_documents import read_document

if __name__ == "__main__":
    with ReadAhead(read_document, processes=2) as ahead:
        ahead.expect(sorted(Path(sys.argv[1]).iterdir()))
        print("reading", flush=True)
        time.sleep(60)
"""


def test_the_processes_end_with_the_one_that_they_read_for_even_if_it_is_killed(
    folders: Folders, dropped: list[Path], tmp_path: Path
) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    command = [sys.executable, driver, folders.landing_zone]
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 2
        process.kill()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
