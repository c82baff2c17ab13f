"""Migrations on a real PostgreSQL: from nothing, again, at the same time, and what other roles may do afterwards."""

import subprocess
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql
from pydantic import SecretStr

from mercado.errors import ConfigurationError, SchemaOutdatedError
from mercado.local.postgres import EmbeddedPostgres
from mercado.settings import postgres_url
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import MIGRATIONS, current_revision, migrate, newest_revision, require_current_schema
from tests.commands import MERCADO, run_mercado
from tests.conftest import PASSWORD, DatabaseServer, running_postgres

NOTICE = "role api_reader is absent: its grants are skipped"
CHANGES = (
    "insert into {table} default values",
    "update {table} set {column} = null",
    "delete from {table}",
    "truncate {table}",
    "drop table {table}",
)
READABLE = (
    "market_data.klines",
    "market_data.kline_gaps",
    "market_data.prediction_outcomes",
    "market_data.monitoring_runs",
    "market_data.monitoring_figures",
    "market_data.monitoring_drift",
    "ops.loads",
    "ops.load_answers",
    "ops.rejected_rows",
    "sipsa_data.price_series",
    "sipsa_data.price_names",
    "ops.alembic_version",
)


@pytest.fixture(scope="module")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that knows nothing of Mercado but one login role, which owns one empty database."""
    with running_postgres(tmp_path_factory.mktemp("bare")) as server:
        with connect(_bare_url(server, "postgres", "postgres")) as superuser:
            superuser.execute(f"create role solo login password '{PASSWORD}'")
            superuser.execute("create database prices owner solo")
        yield server


@pytest.fixture(scope="module")
def bare_url(bare_server: EmbeddedPostgres) -> SecretStr:
    return _bare_url(bare_server, "solo", "prices")


@pytest.fixture
def empty_database(database_server: DatabaseServer) -> SecretStr:
    return database_server.create_database(f"empty_{uuid4().hex}")


def _bare_url(server: EmbeddedPostgres, user: str, database: str) -> SecretStr:
    return postgres_url(user=user, password=SecretStr(PASSWORD), port=server.port, database=database)


def schema_of(server: EmbeddedPostgres, url: SecretStr) -> list[str]:
    """Return what pg_dump says of everything in the database, without the marks that it draws by lot."""
    dump = [str(server.binaries / "pg_dump"), f"--dbname={url.get_secret_value()}"]
    lines = subprocess.run(dump, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if not line.startswith((r"\restrict", r"\unrestrict"))]


def test_one_login_role_is_enough_and_the_skipped_grants_are_told(bare_url: SecretStr) -> None:
    environment = {"MERCADO_ENV_FILE": "/dev/null", "MERCADO_WAREHOUSE_URL": bare_url.get_secret_value()}
    finished = run_mercado(environment, "migrate")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == f"The warehouse's schema is at revision {newest_revision()}.\n"
    assert finished.stderr == f"{NOTICE}\n"
    with connect(bare_url) as connection:
        require_current_schema(connection)
        assert connection.execute("select count(*) from market_data.klines").fetchone() == (0,)


def test_migrating_again_changes_nothing(bare_server: EmbeddedPostgres, bare_url: SecretStr) -> None:
    migrate(bare_url)
    before = schema_of(bare_server, bare_url)
    assert migrate(bare_url) == newest_revision()
    assert schema_of(bare_server, bare_url) == before
    assert any("create table ops.loads" in line.lower() for line in before)


def test_a_reader_who_comes_later_gets_its_grants_by_migrating_again(
    bare_server: EmbeddedPostgres, bare_url: SecretStr, caplog: pytest.LogCaptureFixture
) -> None:
    migrate(bare_url)
    assert NOTICE in caplog.messages
    caplog.clear()
    with connect(_bare_url(bare_server, "postgres", "postgres")) as superuser:
        superuser.execute(f"create role api_reader login password '{PASSWORD}'")
    try:
        migrate(bare_url)
        assert caplog.messages == []
        with connect(_bare_url(bare_server, "api_reader", "prices")) as reader:
            assert reader.execute("select count(*) from market_data.klines").fetchone() == (0,)
    finally:
        with connect(_bare_url(bare_server, "postgres", "prices")) as superuser:
            superuser.execute("drop owned by api_reader")
            superuser.execute("drop role api_reader")


def test_two_migrations_at_once_both_succeed(empty_database: SecretStr) -> None:
    environment = {"MERCADO_ENV_FILE": "/dev/null", "MERCADO_WAREHOUSE_URL": empty_database.get_secret_value()}
    both = [subprocess.Popen([MERCADO, "migrate"], env=environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    with connect(empty_database) as connection:
        require_current_schema(connection)


def test_the_newest_revision_is_alembics_only_head() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest_revision()]


def test_an_unmigrated_database_is_refused_with_the_remedy(empty_database: SecretStr) -> None:
    with connect(empty_database) as connection:
        assert current_revision(connection) is None
        with pytest.raises(SchemaOutdatedError, match=r"schema is empty, but .* run `mercado migrate`"):
            require_current_schema(connection)


def test_an_outdated_schema_is_refused_with_the_remedy(migrated_warehouse: SecretStr) -> None:
    with connect(migrated_warehouse) as connection, connection.transaction(force_rollback=True):
        connection.execute("update ops.alembic_version set version_num = '0000'")
        with pytest.raises(SchemaOutdatedError, match=f"is 0000, but this Mercado needs {newest_revision()}: run"):
            require_current_schema(connection)


def test_a_schema_of_a_newer_mercado_is_left_alone(empty_database: SecretStr) -> None:
    migrate(empty_database)
    with connect(empty_database) as connection:
        connection.execute("update ops.alembic_version set version_num = '9999'")
        newer = r"9999, newer than this version of Mercado, which .* install the version"
        with pytest.raises(SchemaOutdatedError, match=newer):
            migrate(empty_database)
        assert current_revision(connection) == "9999"


def test_a_role_without_rights_is_told_so_and_nothing_is_left_behind(
    database_server: DatabaseServer, empty_database: SecretStr
) -> None:
    name = empty_database.get_secret_value().rpartition("/")[2]
    with pytest.raises(ConfigurationError, match=f"may not migrate .*{name} .permission denied.*must own the database"):
        migrate(database_server.url("api_reader", name))
    with connect(empty_database) as connection:
        assert connection.execute("select to_regnamespace('ops') is null").fetchone() == (True,)


@pytest.fixture
def reader(database_server: DatabaseServer, migrated_warehouse: SecretStr) -> Iterator[psycopg.Connection]:
    with connect(database_server.url("api_reader", "warehouse_db")) as connection:
        yield connection


@pytest.mark.parametrize("table", READABLE)
def test_the_api_reads_what_it_needs_and_changes_none_of_it(reader: psycopg.Connection, table: str) -> None:
    name = sql.Identifier(*table.split("."))
    columns = reader.execute(sql.SQL("select * from {}").format(name)).description
    assert columns is not None
    column = sql.Identifier(columns[min(1, len(columns) - 1)].name)  # the first may be one that nobody may set
    for statement in CHANGES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(sql.SQL(statement).format(table=name, column=column))


@pytest.mark.parametrize("view", ["food_prices", "food_price_revisions"])
def test_the_api_reads_the_views_of_prices(reader: psycopg.Connection, view: str) -> None:
    name = sql.Identifier("sipsa_data", view)
    assert reader.execute(sql.SQL("select count(*) from {}").format(name)).fetchone() is not None


@pytest.mark.parametrize("statement", CHANGES[1:])
def test_the_api_stores_and_reads_predictions_and_changes_none(reader: psycopg.Connection, statement: str) -> None:
    name = sql.Identifier("market_data", "predictions")
    assert reader.execute("select count(*) from market_data.predictions").fetchone() is not None
    # It may insert, so what refuses this row is that it is empty.
    with pytest.raises(psycopg.errors.NotNullViolation):
        reader.execute("insert into market_data.predictions default values")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(sql.SQL(statement).format(table=name, column=sql.Identifier("kind")))


@pytest.mark.parametrize(
    "statement",
    [
        "create table public.mine (id integer)",
        "create table market_data.mine (id integer)",
        "create table ops.mine (id integer)",
        "create schema mine",
        "create temporary table mine (id integer)",
        "create role mine",
        "create database mine",
    ],
)
def test_the_api_reads_and_makes_nothing_else(reader: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)


@pytest.mark.parametrize("database", ["airflow_db", "mlflow_db", "optuna_db"])
def test_the_api_connects_to_no_other_database(database_server: DatabaseServer, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(database_server.url("api_reader", database).get_secret_value())
