"""Each login role does its own work and nothing else, tried on a real PostgreSQL.

What the API's role may do in the warehouse itself is tried in test_migrations.py, what a backup reads in its own tests.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from mercado.local.postgres import EmbeddedPostgres
from mercado.local.runtime import create_databases
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.conftest import PASSWORD, DatabaseServer, database_passwords, running_postgres

OWNED = {"airflow": "airflow_db", "mlflow": "mlflow_db", "optuna": "optuna_db", "warehouse": "warehouse_db"}
HOME = OWNED | {"api_reader": "warehouse_db", "backup_reader": "warehouse_db"}
READERS = ("api_reader", "backup_reader")
FOREIGN = [(role, database) for role, home in OWNED.items() for database in OWNED.values() if database != home]
# Each reaches beyond a database: files and programs of the server, other sessions, other roles, settings of everybody.
BEYOND = (
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "copy (select 1) to program 'true'",
    "copy (select 1) to '/tmp/out-of-the-database'",
    "create role mine",
    "create database mine",
    "alter role current_user superuser",
    "alter role current_user createrole",
    "alter role postgres password 'mine'",
    "alter system set log_statement = 'none'",
    "set log_statement = 'none'",
    "set role postgres",
    "set session authorization postgres",
    "select pg_reload_conf()",
    "select pg_terminate_backend(pid) from pg_stat_activity where usesysid is null",
    "create function mine() returns integer language c as 'libc', 'getpid'",
    "create publication mine for all tables",
    "create event trigger mine on ddl_command_end execute function mine()",
)
MAKING = (
    "create schema mine",
    "create table public.mine (id integer)",
    "create temporary table mine (id integer)",
    "create function public.mine() returns integer language sql as 'select 1'",
)
CHANGING = (
    "insert into ops.loads default values",
    "update market_data.klines set close_price = 1",
    "delete from market_data.predictions",
    "truncate sipsa_data.file_ingestion_log",
    "drop table market_data.klines",
    "alter table market_data.klines owner to current_user",
)
SECURITY_DEFINERS = "select oid::regprocedure::text from pg_proc where prosecdef"
PUBLIC_RIGHTS = """
    select table_schema, table_name from information_schema.role_table_grants
    where grantee = 'PUBLIC' and table_schema not in ('pg_catalog', 'information_schema')
"""


@pytest.fixture(params=sorted(HOME))
def session(
    request: pytest.FixtureRequest, database_server: DatabaseServer, migrated_warehouse: SecretStr
) -> Iterator[psycopg.Connection]:
    """Yield a session of each role in turn, in the database where it works."""
    with connect(database_server.url(request.param, HOME[request.param])) as connection:
        yield connection


def refused(session: psycopg.Connection, statement: str) -> bool:
    """Return whether PostgreSQL denies a statement; what it allows is taken back."""
    try:
        with session.transaction(force_rollback=True):
            session.execute(statement)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction):
        return True
    except psycopg.errors.ActiveSqlTransaction:  # some run outside a transaction only
        return _refused_outside(session, statement)
    return False


def _refused_outside(session: psycopg.Connection, statement: str) -> bool:
    try:
        session.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_no_role_reaches_beyond_its_database(session: psycopg.Connection) -> None:
    assert [statement for statement in BEYOND if not refused(session, statement)] == []


def test_no_role_has_an_attribute_or_a_membership_that_it_does_not_need(session: psycopg.Connection) -> None:
    powers = session.execute(
        "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls "
        "from pg_roles where rolname = current_user"
    ).fetchone()
    memberships = session.execute(
        "select roleid::regrole::text from pg_auth_members where member = current_user::regrole"
    ).fetchall()
    assert powers == (False,)
    assert memberships == ([("pg_read_all_data",)] if session.info.user == "backup_reader" else [])


def test_a_providers_administrator_who_is_no_superuser_makes_the_same_roles_and_databases(tmp_path: Path) -> None:
    with running_postgres(tmp_path) as server:
        database = DatabaseServer(server.port)
        with connect(database.url("postgres", "postgres")) as superuser:
            superuser.execute(f"create role provider login createrole createdb password '{PASSWORD}'")
            superuser.execute("grant pg_read_all_data to provider with admin option")
        for _ in range(2):  # a second start changes nothing
            create_databases(EmbeddedPostgres(tmp_path, server.port, "provider", PASSWORD), database_passwords())
        migrate(database.warehouse_url)
        for role, home in HOME.items():
            with connect(database.url(role, home)) as session:
                assert refused(session, "create role mine")
                assert refused(session, "create table public.mine (id integer)") == (role not in OWNED)
                memberships = "select roleid::regrole::text from pg_auth_members where member = current_user::regrole"
                found = [row[0] for row in session.execute(memberships)]
            assert found == (["pg_read_all_data"] if role == "backup_reader" else [])


@pytest.mark.parametrize("role", sorted({*HOME} - {"backup_reader"}))
def test_no_role_but_one_reads_the_hash_of_a_password(database_server: DatabaseServer, role: str) -> None:
    # backup_reader does: pg_read_all_data holds for the catalogue too. Of a random password the hash is of no use.
    with connect(database_server.url(role, HOME[role])) as session:
        assert refused(session, "select passwd from pg_shadow")


@pytest.mark.parametrize(("role", "database"), FOREIGN)
def test_an_owner_does_not_even_connect_to_anothers_database(
    database_server: DatabaseServer, role: str, database: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(database_server.url(role, database).get_secret_value())


@pytest.mark.parametrize("role", sorted(HOME))
def test_no_role_sees_anything_of_value_in_the_servers_own_database(database_server: DatabaseServer, role: str) -> None:
    with psycopg.connect(database_server.url(role, "postgres").get_secret_value()) as session:
        assert session.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
        assert [statement for statement in MAKING[:2] if not refused(session, statement)] == []


@pytest.mark.parametrize("role", sorted(OWNED))
def test_an_owner_makes_fills_and_drops_tables_of_its_own(database_server: DatabaseServer, role: str) -> None:
    with connect(database_server.url(role, OWNED[role])) as session, session.transaction(force_rollback=True):
        session.execute("create schema mine create table things (id integer)")
        session.execute("insert into mine.things values (1)")
        assert session.execute("select id from mine.things").fetchall() == [(1,)]
        session.execute("drop schema mine cascade")


@pytest.mark.parametrize("role", READERS)
def test_a_reader_makes_and_changes_nothing_even_when_it_asks_for_write_access(
    database_server: DatabaseServer, migrated_warehouse: SecretStr, role: str
) -> None:
    with connect(database_server.url(role, "warehouse_db")) as session:
        session.execute("set default_transaction_read_only = off")
        assert [statement for statement in (*MAKING, *CHANGING) if not refused(session, statement)] == []


def test_the_backups_reader_reads_every_table_of_every_database(
    database_server: DatabaseServer, migrated_warehouse: SecretStr
) -> None:
    for database in OWNED.values():
        with connect(database_server.url("backup_reader", database)) as session:
            unreadable = session.execute(
                "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', "
                "'information_schema') and not has_table_privilege(format('%I.%I', schemaname, tablename), 'select')"
            ).fetchall()
            assert unreadable == []


def test_no_function_runs_with_its_owners_rights_so_no_search_path_can_be_turned_against_it(
    migrated_warehouse: SecretStr,
) -> None:
    with connect(migrated_warehouse) as owner:
        assert owner.execute(SECURITY_DEFINERS).fetchall() == []
        assert owner.execute(PUBLIC_RIGHTS).fetchall() == []
        assert owner.execute("select has_schema_privilege('public', 'public', 'create')").fetchone() == (False,)
