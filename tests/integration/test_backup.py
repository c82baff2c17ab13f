"""Backups of a real PostgreSQL: whole or not there, read by their owner alone, made one at a time, by a modest role."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mercado.errors import BackupInProgressError, DamagedBackupError, ServiceUnavailableError, StorageFullError
from mercado.maintenance.backup import back_up
from mercado.maintenance.backup_folder import alone
from mercado.maintenance.backups import CONTENT, Backup, delete_old_backups, list_backups
from mercado.maintenance.raw_answers import raw_answer_problems
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import newest_revision
from tests.integration.backup_driver import COMMAND, driver_environment
from tests.integration.platform_databases import DATABASES, KEY, PlatformDatabases, platform_databases
from tests.integration.stages import wait_until

SMALL_BYTES = 48 * 1024
FORBIDDEN = (
    "insert into {table} default values",
    "delete from {table}",
    "truncate {table}",
    "drop table {table}",
    "create table mine (id integer)",
    "create temporary table mine (id integer)",
    "create schema mine",
    "create database mine",
    "create role mine",
    "alter role backup_reader superuser",
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformDatabases]:
    with platform_databases(tmp_path_factory.mktemp("backup")) as platform:
        yield platform


@pytest.fixture(scope="module")
def made(platform: PlatformDatabases, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    return back_up(platform.source, tmp_path_factory.mktemp("made"))


def test_a_backup_is_whole_and_sha256sum_says_so_too(made: Backup) -> None:
    made.verify()
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=made.path, capture_output=True, text=True, check=True
    )
    assert len(checked.stdout.splitlines()) == len(CONTENT)
    assert made.schema_revision == newest_revision()
    assert made.manifest["rows"]["mlflow"]["public.things"] == 1000
    assert (made.path / "keys.env").read_text() == f"AIRFLOW__CORE__FERNET_KEY={KEY}\n"


def test_only_its_owner_can_read_it(made: Backup) -> None:
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (made.path, *made.path.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_a_missing_or_changed_raw_answer_is_told(made: Backup, platform: PlatformDatabases, tmp_path: Path) -> None:
    listed = made.path / "raw-answers.jsonl"
    assert raw_answer_problems(platform.folder / "data", listed) == []
    shutil.copytree(platform.folder / "data", tmp_path / "data")
    (tmp_path / "data" / "raw" / "sipsa" / "answer.xml.gz").write_bytes(b"RAW answer")
    assert raw_answer_problems(tmp_path / "data", listed) == ["raw/sipsa/answer.xml.gz differs"]
    assert raw_answer_problems(tmp_path / "nowhere", listed) == ["raw/sipsa/answer.xml.gz is missing"]


@pytest.mark.parametrize("name", CONTENT)
def test_a_damaged_or_missing_file_is_named(made: Backup, tmp_path: Path, name: str) -> None:
    copy = Backup(tmp_path / made.path.name)
    shutil.copytree(made.path, copy.path)
    content = bytearray((copy.path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy.path / name).write_bytes(content)
    with pytest.raises(DamagedBackupError, match=f"{name} is not as it was written"):
        copy.verify()
    (copy.path / name).unlink()
    with pytest.raises(DamagedBackupError, match=f"{name} is missing"):
        copy.verify()


def test_shortened_checksums_are_no_way_around_them(made: Backup, tmp_path: Path) -> None:
    copy = Backup(tmp_path / made.path.name)
    shutil.copytree(made.path, copy.path)
    sums = (copy.path / "SHA256SUMS").read_text().splitlines()
    (copy.path / "SHA256SUMS").write_text("\n".join(sums[1:]))
    with pytest.raises(DamagedBackupError, match=r"SHA256SUMS does not list databases/airflow\.dump"):
        copy.verify()


def test_killed_in_the_middle_nothing_is_visible_and_the_next_one_cleans_up(platform: PlatformDatabases) -> None:
    with subprocess.Popen(COMMAND, env=driver_environment(platform.environment), text=True) as process:
        wait_until(lambda: any(platform.backups.glob(".mercado-*/databases/*.dump")), process)
        process.kill()
    assert list_backups(platform.backups) == []
    assert list(platform.backups.glob(".mercado-*"))
    back_up(platform.source, platform.backups).verify()
    assert list(platform.backups.glob(".mercado-*")) == []


def test_a_second_one_at_the_same_time_says_so(platform: PlatformDatabases) -> None:
    with alone(platform.backups), pytest.raises(BackupInProgressError, match="Another backup is being made"):
        back_up(platform.source, platform.backups)


def test_a_full_disk_is_said_and_nothing_is_left(platform: PlatformDatabases, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "tmpfs", str(small)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small tmpfs cannot be mounted here: that needs root with the right to mount")
    try:
        with pytest.raises(StorageFullError, match="disk is full"):
            back_up(platform.source, small)
        assert [path.name for path in small.iterdir()] == [".lock"]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_an_unreachable_server_is_said_without_a_password(platform: PlatformDatabases, tmp_path: Path) -> None:
    done = subprocess.run(
        COMMAND,
        env=driver_environment(platform.environment | {"POSTGRES_PORT": "1", "MERCADO_BACKUP_DIR": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(ServiceUnavailableError.__name__)
    assert platform.environment["BACKUP_READER_PASSWORD"] not in done.stderr
    assert list_backups(tmp_path) == []


def test_without_any_artifact_there_is_a_backup(platform: PlatformDatabases, tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    source = platform.source
    empty = type(source)(source.login, source.databases, tmp_path / "artifacts", tmp_path, source.fernet_key)
    back_up(empty, tmp_path / "backups").verify()


def test_the_newest_are_kept_and_the_last_good_one_always(made: Backup, tmp_path: Path) -> None:
    names = [f"mercado-2026010{day}T000000Z" for day in range(1, 6)]
    for name in names:
        shutil.copytree(made.path, tmp_path / name)
    for name in names[2:]:
        (tmp_path / name / "manifest.json").unlink()
    deleted = delete_old_backups(tmp_path, keep=2)
    assert sorted(backup.path.name for backup in deleted) == [names[0], names[2]]
    assert [backup.path.name for backup in list_backups(tmp_path)] == [names[4], names[3], names[1]]
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("role", DATABASES)
def test_the_role_reads_everything_and_changes_nothing(platform: PlatformDatabases, role: str) -> None:
    table = "market_data.klines" if role == "warehouse" else "things"
    with connect(platform.login("backup_reader").url(DATABASES[role])) as connection:
        connection.execute(f"select * from {table}".encode())
        # The switch is no more than a seat belt: the role may lift it, and its rights still refuse.
        connection.execute("set default_transaction_read_only = off")
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.format(table=table).encode())
