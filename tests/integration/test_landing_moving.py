"""Where a dropped file goes: kept once, never over another, whatever happens to it, or to the disk, meanwhile."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from mercado.errors import ConfigurationError
from mercado.landing.content import IncomingFile, read_incoming
from mercado.landing.document import LARGEST_BYTES, Document
from mercado.landing.files import DRAFT_PREFIX
from mercado.landing.ingest import Folders, Status, ingest_file
from mercado.landing.landing_zone import TAKEN_PREFIX, candidates
from mercado.landing.ledger import find_entry
from mercado.landing.moving import keep, take_away
from tests.integration.landing_documents import daily, drop, read_document
from tests.integration.landing_driver import COMMAND, driver_environment

NOBODY = 65534


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files below a folder, by their relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def meanwhile(act: Callable[[], object]) -> Callable[[bytes, str], Document]:
    """Return a reader that lets something happen while it reads."""

    def read(content: bytes, name: str) -> Document:
        act()
        return read_document(content, name)

    return read


def incoming_file(folder: Path, content: bytes, name: str = "a.xlsx") -> IncomingFile:
    path = folder / name
    path.write_bytes(content)
    return read_incoming(path)


def test_a_loaded_file_goes_to_the_archive_of_its_month_with_its_own_time(
    landing: psycopg.Connection, folders: Folders
) -> None:
    path = folders.landing_zone / "sub" / "a.xlsx"
    path.parent.mkdir()
    path.write_bytes(daily(day=date(2012, 6, 12)))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    outcome = ingest_file(landing, path, folders, read=read_document)
    assert outcome.kept_at == folders.archive / "2012" / "06" / "a.xlsx"
    assert outcome.kept_at.stat().st_mtime == 1_000_000_000
    assert path.parent.is_dir()
    assert not path.exists()
    kept_at = landing.execute("select kept_at from sipsa_data.file_ingestion_log").fetchall()
    assert kept_at == [("archive/2012/06/a.xlsx",)]


def test_another_content_under_the_same_name_is_kept_beside_it(landing: psycopg.Connection, folders: Folders) -> None:
    first, second = daily(), daily({"Ahuyama": "1"})
    drop(landing, folders, first)
    kept = drop(landing, folders, second)
    assert files(folders.archive) == {
        "2026/09/a.xlsx": first,
        f"2026/09/a-{(kept.sha256 or '')[:8]}.xlsx": second,
    }


def test_the_same_content_is_kept_once_under_the_name_that_came_first(
    landing: psycopg.Connection, folders: Folders
) -> None:
    for name in ("a.xlsx", "b.xlsx", "a.xlsx"):
        assert drop(landing, folders, daily(), name).kept_at == folders.archive / "2026" / "09" / "a.xlsx"
    assert list(files(folders.root)) == ["archive/2026/09/a.xlsx"]


def test_an_archived_file_that_was_deleted_is_archived_again(landing: psycopg.Connection, folders: Folders) -> None:
    kept_at = drop(landing, folders, daily()).kept_at
    assert kept_at
    kept_at.unlink()
    assert drop(landing, folders, daily()).status is Status.ALREADY_LOADED
    assert kept_at.read_bytes() == daily()


def test_a_refused_file_goes_to_quarantine_with_a_report_that_is_renewed(
    landing: psycopg.Connection, folders: Folders
) -> None:
    bad = daily(refuse=[["1.8!D37", "a price above 0", "-3"]])
    outcome = drop(landing, folders, bad, "bad.xlsx")
    assert outcome.kept_at == folders.quarantine / "bad.xlsx"
    report = folders.quarantine / "bad.xlsx.report.md"
    text = report.read_text(encoding="utf-8")
    assert "bad.xlsx: 1 problems, more than may be." in text
    assert "| 1.8!D37 | a price above 0 | -3 |" in text
    assert f"mercado landing replay {(outcome.sha256 or '')[:12]}" in text
    assert "attempt 1" in text
    drop(landing, folders, bad, "bad-again.xlsx")
    assert "attempt 2" in report.read_text(encoding="utf-8")
    assert sorted(files(folders.root)) == ["quarantine/bad.xlsx", "quarantine/bad.xlsx.report.md"]


def test_no_report_is_written_over_a_dropped_file(landing: psycopg.Connection, folders: Folders) -> None:
    drop(landing, folders, b"a report that somebody dropped", "bad.xlsx.report.md")
    drop(landing, folders, b"no workbook", "bad.xlsx")
    assert b"a report that somebody dropped" in files(folders.quarantine).values()
    assert len(files(folders.quarantine)) == 4


def test_a_content_that_is_loaded_at_last_leaves_quarantine(landing: psycopg.Connection, folders: Folders) -> None:
    content = daily()

    def refuses(_: bytes, name: str) -> Document:
        return read_document(b"not JSON", name)

    drop(landing, folders, content, read=refuses)
    assert len(files(folders.quarantine)) == 2
    assert drop(landing, folders, content).status is Status.LOADED
    assert list(files(folders.root)) == ["archive/2026/09/a.xlsx"]


def test_a_file_replaced_while_it_is_read_is_archived_as_read_and_the_new_one_has_its_turn(
    landing: psycopg.Connection, folders: Folders
) -> None:
    path = folders.landing_zone / "a.xlsx"
    first, second = daily(), daily({"Ahuyama": "1"})

    def replace() -> None:
        (folders.landing_zone / ".new").write_bytes(second)
        (folders.landing_zone / ".new").replace(path)

    assert drop(landing, folders, first, read=meanwhile(replace)).status is Status.LOADED
    assert files(folders.root) == {"archive/2026/09/a.xlsx": first, "landing_zone/a.xlsx": second}
    assert ingest_file(landing, path, folders, read=read_document).counts.inserted == 1
    assert files(folders.landing_zone) == {}


def test_a_file_written_over_while_it_is_read_is_archived_as_read(
    landing: psycopg.Connection, folders: Folders
) -> None:
    path = folders.landing_zone / "a.xlsx"
    drop(landing, folders, daily(), read=meanwhile(lambda: path.write_bytes(b"half of anoth")))
    assert files(folders.root) == {"archive/2026/09/a.xlsx": daily(), "landing_zone/a.xlsx": b"half of anoth"}


def test_a_file_deleted_while_it_is_read_is_archived_all_the_same(
    landing: psycopg.Connection, folders: Folders
) -> None:
    path = folders.landing_zone / "a.xlsx"
    assert drop(landing, folders, daily(), read=meanwhile(path.unlink)).status is Status.LOADED
    assert files(folders.root) == {"archive/2026/09/a.xlsx": daily()}


def test_a_file_that_is_written_while_it_is_read_waits(landing: psycopg.Connection, folders: Folders) -> None:
    # One that never has the size that it states, like one that somebody is writing.
    outcome = ingest_file(landing, Path("/proc/self/status"), folders, read=read_document)
    assert outcome.status is Status.WAITING
    assert outcome.error
    assert "changes while it is read: somebody is writing it" in outcome.error


class ReplacedOnceLookedAt(IncomingFile):
    """A file that another one replaces after it was looked at, and before it is taken."""

    def stands(self, path: Path) -> bool:
        return path == self.path


def test_a_file_replaced_at_the_very_moment_of_its_removal_is_left_for_its_turn(folders: Folders) -> None:
    read = incoming_file(folders.landing_zone, b"read")
    read.path.write_bytes(b"another")
    take_away(ReplacedOnceLookedAt(**vars(read)))
    (left,) = candidates(folders.landing_zone)
    assert left.name.startswith(TAKEN_PREFIX)
    left_aside = read_incoming(folders.landing_zone / left.name)
    assert (left_aside.content, left_aside.name) == (b"another", "a.xlsx")
    take_away(left_aside)
    assert list(folders.landing_zone.iterdir()) == []


def test_a_file_outside_the_landing_zone_is_archived_and_stays_where_it_is(
    landing: psycopg.Connection, folders: Folders, tmp_path: Path
) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(daily())
    outcome = ingest_file(landing, path, folders, read=read_document)
    assert path.exists()
    assert outcome.kept_at == folders.archive / "2026" / "09" / "mine.xlsx"


@pytest.mark.parametrize(
    "name",
    [
        "a" * 240 + ".xlsx",
        "ñ" * 120 + ".xlsx",
        "no extension",
        "many.dots.in.it.xls",
        "new\nline `rm -rf` $(id) 'q\"|.xlsx",
        os.fsdecode(b"Ibagu\xe9.xls"),
    ],
    ids=["long", "long in bytes", "no extension", "dots", "signs", "latin-1"],
)
def test_any_name_is_kept_and_its_report_too(landing: psycopg.Connection, folders: Folders, name: str) -> None:
    outcome = drop(landing, folders, b"bad", name)
    assert outcome.kept_at
    assert outcome.kept_at.is_file()
    assert outcome.kept_at.with_name(f"{outcome.kept_at.name}.report.md").is_file()
    again = drop(landing, folders, b"bad2", name)
    assert len(files(folders.quarantine)) == 4
    assert find_entry(landing, again.sha256 or "")


@pytest.mark.parametrize("byte_count", [LARGEST_BYTES + 1, 200_000_000])
def test_a_file_too_large_for_a_workbook_is_refused_unread_and_moved_without_a_copy(
    landing: psycopg.Connection, folders: Folders, byte_count: int
) -> None:
    path = folders.landing_zone / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(byte_count)
    inode = path.stat().st_ino
    outcome = ingest_file(landing, path, folders, read=read_document)
    assert outcome.status is Status.REFUSED
    assert outcome.error
    expected = f"large.xlsx has {byte_count:,} bytes, and a price workbook at most 50,000,000: it was not read"
    assert expected in outcome.error
    assert outcome.kept_at
    assert outcome.kept_at.stat().st_ino == inode
    assert not path.exists()


@pytest.fixture
def other_file_system(tmp_path: Path) -> Iterator[Path]:
    shared_memory = Path("/dev/shm")  # noqa: S108
    if not shared_memory.is_dir() or shared_memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("the shared memory is no file system of its own here")
    with tempfile.TemporaryDirectory(dir=shared_memory) as folder:
        yield Path(folder)


def test_an_archive_and_a_quarantine_on_another_file_system(
    landing: psycopg.Connection, folders: Folders, other_file_system: Path
) -> None:
    for folder in (folders.archive, folders.quarantine):
        (other_file_system / folder.name).mkdir()
        folder.symlink_to(other_file_system / folder.name)
    large = folders.landing_zone / "large.xlsx"
    with large.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    drop(landing, folders, daily())
    ingest_file(landing, large, folders, read=read_document)
    kept = sorted(str(path.relative_to(other_file_system)) for path in other_file_system.rglob("*") if path.is_file())
    assert kept == ["archive/2026/09/a.xlsx", "quarantine/large.xlsx", "quarantine/large.xlsx.report.md"]
    assert files(folders.landing_zone) == {}


def test_a_file_system_without_hard_links_overwrites_nothing_either(tmp_path: Path) -> None:
    def unsupported(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(source), None, str(target))

    archive = tmp_path / "archive"
    contents = [b"one", b"two", b"two"]
    kept = [keep(incoming_file(tmp_path, content), archive, ["a.xlsx"], link=unsupported).name for content in contents]
    assert kept[0] == "a.xlsx"
    assert kept[1] == kept[2] != kept[0]
    assert sorted(files(archive).values()) == [b"one", b"two"]


def test_what_a_killed_run_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / f"{DRAFT_PREFIX}0123").write_bytes(b"half")
    keep(incoming_file(tmp_path, b"whole"), tmp_path / "archive", ["a.xlsx"])
    assert files(tmp_path / "archive") == {"a.xlsx": b"whole"}


def test_names_that_are_all_taken_by_others_are_told(tmp_path: Path) -> None:
    incoming = incoming_file(tmp_path, b"new")
    archive = tmp_path / "archive"
    archive.mkdir()
    for name in ("a.xlsx", f"a-{incoming.sha256[:8]}.xlsx", f"a-{incoming.sha256}.xlsx"):
        (archive / name).write_bytes(b"other")
    with pytest.raises(ConfigurationError, match="all its names are taken by other files"):
        keep(incoming, archive, ["a.xlsx"])
    assert set(files(archive).values()) == {b"other"}


def test_a_full_archive_loses_nothing_and_the_next_run_only_archives(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders
) -> None:
    content = daily(padding="x" * 50_000)
    (folders.landing_zone / "a.xlsx").write_bytes(content)
    full = driver_environment(migrated_warehouse, folders, LARGEST_FILE="20000")
    run = subprocess.run(COMMAND, env=full, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("StorageFullError: No space is left in ")
    assert "keeping a.xlsx. Nothing is lost, and what was loaded is not loaded twice" in run.stderr
    assert files(folders.root) == {"landing_zone/a.xlsx": content}
    assert landing.execute("select status, kept_at from sipsa_data.file_ingestion_log").fetchall() == [("loaded", None)]
    run = subprocess.run(
        COMMAND, env=driver_environment(migrated_warehouse, folders), capture_output=True, text=True, check=True
    )
    assert run.stdout == "a.xlsx: already loaded\n"
    assert files(folders.root) == {"archive/2026/09/a.xlsx": content}
    assert landing.execute("select status from ops.loads").fetchall() == [("succeeded",)]


@contextmanager
def unprivileged() -> Iterator[None]:
    """Act as a user without rights, if the tests run as root, whom no permission stops."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if user == 0:
            os.seteuid(user)


@pytest.fixture
def reachable_folders(folders: Folders) -> Iterator[Folders]:
    """Return folders that the user without rights reaches, and may write."""
    root = Path(tempfile.mkdtemp(dir="/var/tmp"))
    root.chmod(0o755)
    found = Folders(root, root / "landing_zone", root / "archive", root / "quarantine")
    for folder in (found.landing_zone, found.archive, found.quarantine):
        folder.mkdir()
        folder.chmod(0o777)
    yield found
    for folder in (found.landing_zone, found.archive):
        folder.chmod(0o777)
        for closed in filter(Path.is_dir, folder.iterdir()):
            closed.chmod(0o777)
    shutil.rmtree(root)


def test_a_file_that_may_not_be_read_waits_and_holds_up_nobody(
    landing: psycopg.Connection, reachable_folders: Folders
) -> None:
    path = reachable_folders.landing_zone / "a.xlsx"
    path.write_bytes(daily())
    path.chmod(0)
    with unprivileged():
        outcome = ingest_file(landing, path, reachable_folders, read=read_document)
    assert outcome.status is Status.WAITING
    assert outcome.error
    assert "Permission denied" in outcome.error
    assert path.exists()


def test_a_folder_that_may_not_be_listed_is_told(landing: psycopg.Connection, reachable_folders: Folders) -> None:
    folder = reachable_folders.landing_zone / "closed"
    folder.mkdir()
    folder.chmod(0)
    with unprivileged():
        names = [each.name for each in candidates(reachable_folders.landing_zone)]
        outcome = ingest_file(landing, reachable_folders.landing_zone / names[0], reachable_folders, read=read_document)
    assert names == ["closed"]
    assert (outcome.name, outcome.status) == ("closed", Status.WAITING)


@pytest.mark.parametrize("closed", ["archive", "landing_zone"])
def test_a_folder_that_may_not_be_written_is_told_and_nothing_is_loaded_twice(
    landing: psycopg.Connection, reachable_folders: Folders, closed: str
) -> None:
    path = reachable_folders.landing_zone / "a.xlsx"
    path.write_bytes(daily())
    folder = reachable_folders.root / closed
    folder.chmod(0o555)
    with unprivileged(), pytest.raises(ConfigurationError, match=rf"{closed}.* cannot be used for .*Permission denied"):
        ingest_file(landing, path, reachable_folders, read=read_document)
    assert path.exists()
    folder.chmod(0o777)
    with unprivileged():
        assert ingest_file(landing, path, reachable_folders, read=read_document).status is Status.ALREADY_LOADED
    assert files(reachable_folders.root) == {"archive/2026/09/a.xlsx": daily()}


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_waits_and_blocks_nobody(landing: psycopg.Connection, folders: Folders, kind: str) -> None:
    path = folders.landing_zone / kind
    os.mkfifo(path) if kind == "pipe" else path.mkdir()
    outcome = ingest_file(landing, path, folders, read=read_document)
    assert outcome.status is Status.WAITING
    assert outcome.error
    assert "it is no regular file" in outcome.error
