"""A new version on old data: migrated with nothing lost, or refused with what to do; never begun anew over it."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from mercado.errors import ConfigurationError, SchemaOutdatedError
from mercado.local.platform import REPOSITORY
from mercado.local.postgres import EmbeddedPostgres
from mercado.warehouse.connection import connect
from mercado.warehouse.loads import recorded_load
from mercado.warehouse.schema import MIGRATIONS, current_revision, migrate, newest_revision, require_current_schema
from tests.commands import run_mercado
from tests.conftest import PASSWORD, DatabaseServer
from tests.ports import free_port

EARLIER = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
# Rows as each schema's own time wrote them, by the revision that made their table.
ROWS = {
    "0001": """
        insert into ops.loads (source, scope, origin, status, finished_at_utc, rows_inserted)
        values ('binance', 'BTCUSDT 1h', 'binance', 'succeeded', now(), 1);
        insert into ops.load_answers (load_id, answer_number, url, sha256, byte_count, rows_read)
        values (1, 1, 'https://api.binance.com', repeat('a', 64), 100, 1);
        insert into market_data.klines
        values ('BTCUSDT', '1h', '2024-01-01', 1, 2, 0.5, 1.5, 10, '2024-01-01 00:59:59.999', 15, 3, 5, 7, 1);
        insert into market_data.kline_gaps
        values ('BTCUSDT', '1h', '2024-01-02', '2024-01-02', 1, 'own_hole', 0, null, 1);
    """,
    "0002": """
        insert into ops.rejected_rows (load_id, place, rule, raw_text) values (1, 'item 3', 'a rule', 'x=1');
        insert into sipsa_data.sipsa_prices (product_code, city_name, capture_date, product_name,
            average_price_cop_per_kg, price_unit, city_name_normalised, product_name_normalised, seen_from_utc, load_id)
        values (1, 'CALI', '2024-01-01', 'PAPA', 1000, 'kg', 'Cali', 'Papa', now(), 1);
    """,
    "0004": """
        insert into sipsa_data.file_ingestion_log (file_sha256, file_names, byte_count, status, error, kept_at, load_id)
        values (repeat('b', 64), array['a.xls'], 10, 'refused', 'no workbook', 'quarantine/a.xls', 1);
        insert into sipsa_data.file_ingestion_log
            (file_sha256, file_names, byte_count, layout, report_date, last_day, status, kept_at, load_id)
        values (repeat('c', 64), array['b.xls'], 10, 'daily', '2024-01-01', '2024-01-01', 'loaded', 'archive/b.xls', 1);
    """,
    "0006": """
        insert into market_data.predictions
        values (gen_random_uuid(), 'latest', now(), 'r', 'BTCUSDT', '1h', 1, '2024-01-01', '2024-02-01',
            '2024-02-01 01:00', 'm', 1, 'run', repeat('d', 64), repeat('e', 64), 0, 'binance', 0.5, 0, 1, 1, 1, 1,
            0.9, 0);
        insert into market_data.prediction_outcomes
        select prediction_id, 1, 0, true, true, true, 1 from market_data.predictions;
    """,
}
TABLES = """
    select schemaname || '.' || tablename from pg_tables
    where schemaname in ('market_data', 'ops', 'sipsa_data') and tablename <> 'alembic_version'
"""


def database_at(server: DatabaseServer, revision: str) -> SecretStr:
    """Return a warehouse as an earlier version left it, with rows of its time."""
    url = server.create_database(f"at_{revision}_{uuid4().hex[:8]}")
    with connect(url) as connection, connection.transaction():
        connection.execute("create schema ops")
        connection.execute("create table ops.alembic_version (version_num varchar(32) primary key)")
        connection.execute("insert into ops.alembic_version values (%s)", (revision,))
        for file in sorted((MIGRATIONS / "versions").glob("*.sql")):
            if file.name[: len(revision)] <= revision:
                connection.execute(file.read_bytes())
        for made_by, statements in ROWS.items():
            if made_by <= revision:
                connection.execute(statements)
    return url


def content(connection: psycopg.Connection) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, as JSON."""
    names = sorted(name for (name,) in connection.execute(TABLES))
    return {
        name: [row for (row,) in connection.execute(f"select to_jsonb(t) from {name} as t order by t::text")]
        for name in names
    }


@pytest.mark.parametrize("revision", EARLIER)
def test_a_warehouse_of_an_earlier_version_keeps_every_row_and_takes_loads(
    database_server: DatabaseServer, revision: str
) -> None:
    url = database_at(database_server, revision)
    with connect(url) as connection:
        before = content(connection)
        with pytest.raises(SchemaOutdatedError, match=f"is {revision}, but .* run `mercado migrate`"):
            require_current_schema(connection)
        assert migrate(url) == newest_revision()
        after = content(connection)
        for name, rows in before.items():
            kept = [{key: row[key] for key in old} for old, row in zip(rows, after[name], strict=True)]
            assert kept == rows, name
        assert before["market_data.klines"]
        series = connection.execute("select product, market, dataset from sipsa_data.price_series").fetchall()
        assert series == ([("Papa", "Cali", "city_daily")] if "0002" <= revision < "0009" else [])
        with recorded_load(connection, source="binance", scope="BTCUSDT 1h", origin="binance") as load_id:
            assert load_id == 2
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("update market_data.klines set low_price = high_price + 1")


def test_every_revision_but_the_newest_is_tried() -> None:
    files = {file.stem.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    assert {*EARLIER, newest_revision()} == files


def test_a_newer_warehouse_is_refused_by_the_command_and_the_loads_with_what_to_do(
    database_server: DatabaseServer,
) -> None:
    url = database_server.create_database(f"newer_{uuid4().hex[:8]}")
    migrate(url)
    with connect(url) as connection:
        connection.execute("update ops.alembic_version set version_num = '9999'")
        with pytest.raises(SchemaOutdatedError, match=r"9999, newer than this version of Mercado.*install the version"):
            require_current_schema(connection)
        environment = {"MERCADO_ENV_FILE": os.devnull, "MERCADO_WAREHOUSE_URL": url.get_secret_value()}
        finished = run_mercado(environment, "migrate")
        assert (finished.returncode, finished.stdout) == (1, "")
        assert "restore a backup of the older schema" in finished.stderr
        assert current_revision(connection) == "9999"


@pytest.mark.parametrize("version", ["16", "17", "19"])
def test_a_cluster_of_another_major_version_is_refused_and_left_as_it_is(tmp_path: Path, version: str) -> None:
    server = EmbeddedPostgres(tmp_path / version, free_port(), "postgres", PASSWORD)
    try:
        server.data.mkdir(parents=True)
        (server.data / "PG_VERSION").write_text(f"{version}\n")
        with pytest.raises(ConfigurationError, match=rf"of PostgreSQL {version}.* `mercado backup`.*`mercado restore`"):
            server.prepare()
        assert [path.name for path in server.data.iterdir()] == ["PG_VERSION"]
        (server.data / "PG_VERSION").unlink()
        (server.data / "base").mkdir()
        with pytest.raises(ConfigurationError, match="no cluster of PostgreSQL"):
            server.prepare()
        assert (server.data / "base").is_dir()
    finally:
        server.destroy()


START_SCRIPT = REPOSITORY / "postgres_init" / "start-postgres.sh"


@pytest.mark.parametrize(
    ("files", "starts"),
    [
        ([], True),
        (["18/docker/PG_VERSION"], True),
        (["17/docker/PG_VERSION"], False),
        (["PG_VERSION"], False),
        (["data/PG_VERSION"], False),
        (["17/docker/PG_VERSION", "18/docker/PG_VERSION"], True),  # moved to 18, the old one not yet removed
    ],
)
def test_a_container_does_not_begin_anew_beside_data_of_another_major_version(
    tmp_path: Path, files: list[str], starts: bool
) -> None:
    for file in files:
        (tmp_path / "volume" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "volume" / file).write_text("17\n")
    entrypoint = tmp_path / "docker-entrypoint.sh"
    entrypoint.write_text('#!/bin/sh\necho "started $*"\n')
    entrypoint.chmod(0o755)
    environment = {"POSTGRES_FOLDER": str(tmp_path / "volume"), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    finished = subprocess.run(
        ["sh", str(START_SCRIPT), "postgres", "-c", "x=1"], env=environment, capture_output=True, text=True, check=False
    )
    if starts:
        assert (finished.returncode, finished.stdout) == (0, "started postgres -c x=1\n")
    else:
        assert (finished.returncode, finished.stdout) == (1, "")
        assert "data of PostgreSQL 17" in finished.stderr


PREPARE = "import os, schema; schema.prepare(os.environ['MLFLOW_BACKEND_STORE_URI'])"
MLFLOW_TO = """
import sys, os
from alembic import command
from mlflow.store.db.utils import _get_alembic_config, _get_latest_schema_revision
from mlflow.store.tracking.dbmodels.initial_models import Base
from sqlalchemy import create_engine
engine = create_engine(os.environ['MLFLOW_BACKEND_STORE_URI'])
Base.metadata.create_all(engine)
config = _get_alembic_config(os.environ['MLFLOW_BACKEND_STORE_URI'].replace('%', '%%'))
with engine.begin() as connection:
    config.attributes['connection'] = connection
    command.upgrade(config, sys.argv[1])
print(_get_latest_schema_revision())
"""
# Of MLflow 2.0: `runs.deleted_time` was its newest column.
MLFLOW_EARLIER = "0c779009ac13"


def test_an_older_mlflow_database_is_upgraded_and_a_newer_one_refused(database_server: DatabaseServer) -> None:
    url = database_server.create_database(f"mlflow_{uuid4().hex[:8]}").get_secret_value()
    address = url.replace("postgresql://", "postgresql+psycopg2://", 1)

    def run(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = dict(os.environ) | {"MLFLOW_BACKEND_STORE_URI": address}
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=REPOSITORY / "mlflow_custom",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run(PREPARE).returncode == 0  # an empty one is the server's to fill
    earlier = run(MLFLOW_TO, MLFLOW_EARLIER)
    assert earlier.returncode == 0, earlier.stderr
    newest = earlier.stdout.split()[-1]
    with create_engine(address).begin() as connection:
        connection.execute(text("insert into experiments (name, lifecycle_stage) values ('kept', 'active')"))
    upgraded = run(PREPARE)
    assert upgraded.returncode == 0, upgraded.stderr
    assert f"has schema {MLFLOW_EARLIER}: upgrading it to {newest}" in upgraded.stderr
    with create_engine(address).begin() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == newest
        assert connection.scalar(text("select count(*) from experiments where name = 'kept'")) == 1
        assert run(PREPARE).stderr == ""
        connection.execute(text("update alembic_version set version_num = 'ffffffffffff'"))
    refused = run(PREPARE)
    assert refused.returncode == 1
    assert "schema ffffffffffff" in refused.stderr
    assert "Install that version of Mercado" in refused.stderr
