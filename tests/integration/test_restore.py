"""Restoring on a real PostgreSQL: the same to the row, or as it was before, whatever happens in the middle."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from mercado.errors import (
    BackupInProgressError,
    DamagedBackupError,
    MixedOriginError,
    PlatformRunningError,
    SchemaOutdatedError,
)
from mercado.local.waiting import wait_until as ended
from mercado.maintenance.backup import back_up
from mercado.maintenance.backups import CHECKSUMS, MANIFEST, Backup, sha256_of
from mercado.maintenance.databases import restoring_alone
from mercado.maintenance.restore import require_same_kind, restore
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import MIGRATIONS, migrate, newest_revision
from tests.commands import run_mercado
from tests.integration.backup_driver import COMMAND, driver_environment
from tests.integration.platform_databases import DATABASES, PlatformDatabases, platform_databases
from tests.integration.stages import held_at, wait_until

OLDER_REVISION = "0005"
OBJECTS = """
    select relname, relowner::regrole::text, relacl::text from pg_class
    where relnamespace::regnamespace::text in ('market_data', 'ops', 'sipsa_data') and relkind in ('r', 'v') order by 1
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformDatabases]:
    with platform_databases(tmp_path_factory.mktemp("restore")) as platform:
        yield platform


@pytest.fixture(scope="module")
def state_then(platform: PlatformDatabases) -> dict[str, object]:
    return platform.state()


@pytest.fixture(scope="module")
def made(platform: PlatformDatabases, state_then: dict[str, object]) -> Backup:
    return back_up(platform.source, platform.backups)


@pytest.fixture
def changed(platform: PlatformDatabases, made: Backup) -> PlatformDatabases:
    """Return the platform, in which much has changed since the backup was made."""
    platform.execute("mlflow", "delete from things where id % 2 = 0")
    platform.execute("airflow", "create table if not exists newer (id integer)")
    shutil.rmtree(platform.artifacts / "1", ignore_errors=True)
    (platform.artifacts / "2").mkdir(exist_ok=True)
    (platform.artifacts / "2" / "newer").write_text("an artifact that the backup does not know")
    return platform


def rewritten(made: Backup, folder: Path, **manifest: object) -> Backup:
    """Return a copy of a backup whose manifest says something else, with checksums that agree."""
    copy = Backup(folder / made.path.name)
    shutil.copytree(made.path, copy.path)
    (copy.path / MANIFEST).write_text(json.dumps(made.manifest | manifest))
    lines = (copy.path / CHECKSUMS).read_text().splitlines()
    kept = [line for line in lines if not line.endswith(MANIFEST)]
    (copy.path / CHECKSUMS).write_text("\n".join([*kept, f"{sha256_of(copy.path / MANIFEST)}  {MANIFEST}"]))
    return copy


def silent(_: str) -> None:
    pass


def test_everything_is_as_it_was_owners_and_grants_included(
    changed: PlatformDatabases, made: Backup, state_then: dict[str, object]
) -> None:
    objects = changed.execute("warehouse", OBJECTS)
    assert changed.state() != state_then
    restore(made, changed.target, silent)
    assert changed.state() == state_then
    assert changed.execute("warehouse", OBJECTS) == objects
    databases = {name for (name,) in changed.execute("airflow", "select datname from pg_database")}
    assert databases == {*DATABASES.values(), "postgres", "template0", "template1"}
    # The owners still work with what is theirs.
    changed.execute("mlflow", "insert into things (name) values ('new')")
    assert changed.execute("mlflow", "delete from things where name = 'new' returning id") == [(1001,)]


STAGES: dict[str, Callable[[PlatformDatabases], bool]] = {
    "the first database is restored": lambda platform: exists(platform, "airflow_db_restoring"),
    "the last database is restored": lambda platform: exists(platform, "optuna_db_restoring"),
}


def exists(platform: PlatformDatabases, name: str) -> bool:
    query = f"select exists (select from pg_database where datname = '{name}')"
    with connect(platform.login("postgres").url("postgres")) as connection:
        return connection.execute(query.encode()).fetchone() == (True,)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_it_leaves_what_was_and_can_be_run_again(
    changed: PlatformDatabases, made: Backup, state_then: dict[str, object], stage: str
) -> None:
    before = changed.state()
    restoring = (*COMMAND, str(made.path))
    environment = driver_environment(changed.environment)
    with subprocess.Popen(restoring, env=environment, text=True, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: STAGES[stage](changed), process)
        process.kill()
    assert changed.state() == before
    restore(made, changed.target, silent)
    assert changed.state() == state_then


def test_killed_before_the_databases_change_hands_every_artifact_of_both_is_there(
    changed: PlatformDatabases, made: Backup, state_then: dict[str, object]
) -> None:
    before = changed.state()
    restoring = (*COMMAND, str(made.path))
    catalog = (changed.login("postgres").url("postgres"), "pg_database")
    environment = driver_environment(changed.environment)
    with subprocess.Popen(restoring, env=environment, text=True, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: exists(changed, "optuna_db_restoring"), process)
        with held_at(*catalog) as waits_to_rename:
            wait_until(waits_to_rename, process)
            process.kill()
            process.wait()
            ended(lambda: not waits_to_rename(), seconds=10, problem=lambda: "The session of the dead stays.")
    after = changed.state()
    kept, now = before.pop("artifacts"), after.pop("artifacts")
    assert isinstance(kept, dict)
    assert isinstance(now, dict)
    assert kept.items() <= now.items()
    assert after == before
    restore(made, changed.target, silent)
    assert changed.state() == state_then


def test_a_damaged_dump_is_refused_by_name_and_nothing_is_changed(
    changed: PlatformDatabases, made: Backup, tmp_path: Path
) -> None:
    copy = Backup(tmp_path / made.path.name)
    shutil.copytree(made.path, copy.path)
    with (copy.path / "databases" / "optuna.dump").open("ab") as dump:
        dump.write(b"x")
    before = changed.state()
    with pytest.raises(DamagedBackupError, match=r"databases/optuna\.dump is not as it was written"):
        restore(copy, changed.target, silent)
    assert changed.state() == before


def test_other_rows_than_the_manifest_states_are_refused(
    changed: PlatformDatabases, made: Backup, tmp_path: Path
) -> None:
    rows = made.manifest["rows"] | {"optuna": {"public.things": 999}}
    before = changed.state()
    with pytest.raises(DamagedBackupError, match=r"public\.things 1000, not 999"):
        restore(rewritten(made, tmp_path, rows=rows), changed.target, silent)
    assert changed.state() == before


@pytest.mark.parametrize(
    ("newer", "named"),
    [
        ({"schema_revision": "9999"}, "9999"),
        ({"versions": {"mercado": "1", "apache-airflow": "99.0"}}, r"apache-airflow 99\.0"),
    ],
)
def test_a_backup_of_a_newer_version_is_refused(
    platform: PlatformDatabases, made: Backup, tmp_path: Path, newer: dict[str, object], named: str
) -> None:
    with pytest.raises(SchemaOutdatedError, match=f"{named}.*Upgrade Mercado first"):
        restore(rewritten(made, tmp_path, **newer), platform.target, silent)


def test_a_platform_in_use_is_refused_and_says_how_to_stop_it(platform: PlatformDatabases, made: Backup) -> None:
    with (
        connect(platform.login("mlflow").url("mlflow_db"), application="mlflow server"),
        pytest.raises(PlatformRunningError, match=r"mlflow server.*make local-down"),
    ):
        restore(made, platform.target, silent)


def test_two_at_once_are_refused(platform: PlatformDatabases, made: Backup) -> None:
    target = platform.target
    with restoring_alone(target.superuser, target.databases), pytest.raises(BackupInProgressError, match="Another"):
        restore(made, target, silent)


def test_without_any_artifact_all_are_gone_afterwards(platform: PlatformDatabases, tmp_path: Path) -> None:
    source = platform.source
    (tmp_path / "none").mkdir()
    empty = type(source)(source.login, source.databases, tmp_path / "none", tmp_path, source.fernet_key)
    restore(back_up(empty, tmp_path), platform.target, silent)
    assert list(platform.artifacts.iterdir()) == []


def test_an_older_backup_is_migrated(platform: PlatformDatabases, tmp_path: Path) -> None:
    warehouse = platform.login("warehouse").url("warehouse_db")
    platform.execute("warehouse", "drop schema market_data, sipsa_data, ops cascade")
    # Without today's grants, which name tables that were not there yet.
    shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations" / "grants.sql").write_text("select")
    config = Config()
    config.set_main_option("script_location", str(tmp_path / "migrations"))
    config.attributes["url"] = warehouse.get_secret_value().replace("postgresql://", "postgresql+psycopg://", 1)
    command.upgrade(config, OLDER_REVISION)
    made = back_up(platform.source, tmp_path / "backups")
    assert made.schema_revision == OLDER_REVISION
    migrate(warehouse)
    said: list[str] = []
    restore(made, platform.target, said.append)
    assert f"  warehouse_db migrated from {OLDER_REVISION} to {newest_revision()}" in said
    revision = "select version_num from ops.alembic_version"
    assert platform.execute("warehouse", revision) == [(newest_revision(),)]
    assert platform.execute("warehouse", "select count(*) from market_data.monitoring_runs", user="api_reader") == [
        (0,)
    ]


REAL, SIMULATED = ["binance"], ["simulator: binance; profile=reversal; seed=7"]


def test_a_backup_says_where_its_data_came_from(platform: PlatformDatabases, tmp_path: Path) -> None:
    assert back_up(platform.source, tmp_path / "empty").simulated is None
    loads = "insert into ops.loads (source, scope, origin) values ('landing', 'a', 'file'), ('binance', 'b', '{}')"
    platform.execute("warehouse", loads.format(SIMULATED[0]))
    try:
        made = back_up(platform.source, tmp_path / "loaded")
    finally:
        platform.execute("warehouse", "delete from ops.loads")
    assert made.manifest["origins"] == SIMULATED
    assert made.simulated is True


@pytest.mark.parametrize(("origins", "simulated"), [(REAL, False), (SIMULATED, True), ([], False), ([], True)])
def test_a_backup_goes_where_its_kind_of_data_is(
    made: Backup, tmp_path: Path, origins: list[str], simulated: bool
) -> None:
    require_same_kind(rewritten(made, tmp_path, origins=origins), simulated=simulated)


def test_a_demos_backup_never_takes_the_place_of_real_data(made: Backup, tmp_path: Path) -> None:
    demo = rewritten(made, tmp_path, origins=SIMULATED)
    with pytest.raises(MixedOriginError, match=r"a demo's simulated data.*--state \.demo"):
        require_same_kind(demo, simulated=False)


def test_real_data_are_not_restored_into_a_demo_and_nothing_is_written(made: Backup, tmp_path: Path) -> None:
    real = rewritten(made, tmp_path, origins=REAL)
    state = tmp_path / "demo"
    refused = run_mercado(dict(os.environ), "restore", str(real.path), "--yes", "--state", str(state))
    assert refused.returncode == 1
    assert "holds real data" in refused.stderr
    assert not state.exists()
