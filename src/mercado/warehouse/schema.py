"""The warehouse's schema: Alembic migrations, forward only, and the check that a service makes before it starts."""

from pathlib import Path

import psycopg
from pydantic import SecretStr

from mercado.errors import ConfigurationError, SchemaOutdatedError
from mercado.warehouse.connection import connect, place

# Alembic is imported where it migrates: it costs a second, and every service checks the schema.
MIGRATIONS = Path(__file__).parent / "migrations"
LOWEST_SERVER_VERSION = 160000


def migrate(url: SecretStr) -> str:
    """Bring the warehouse at ``url`` to the newest schema, in one transaction, and return its revision.

    Works on an empty database of any PostgreSQL >= 16 with one login role; grants to roles that are absent are
    skipped with a warning, and made up for when it runs again. Safe to run again and by several at once: an advisory
    lock lets one through at a time.

    Raises:
        ServiceUnavailableError: The server does not answer.
        SchemaOutdatedError: The server is older than PostgreSQL 16, or the database is newer than this code.
        ConfigurationError: The role may not change the schema.
    """
    with connect(url, application="mercado migrate") as connection:
        if connection.info.server_version < LOWEST_SERVER_VERSION:
            raise SchemaOutdatedError(
                f"PostgreSQL 16 or newer is needed, not {connection.info.server_version // 10000}."
            )
        try:
            _refuse_unknown_revision(connection)
            _upgrade(url)
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigurationError(
                f"The role of this URL may not migrate {place(url)} ({error}): it must own the database."
            ) from error
    return newest_revision()


def newest_revision() -> str:
    """Return the revision that this version of the code needs: migrations are numbered, the last one counts."""
    return max(known_revisions())


def current_revision(connection: psycopg.Connection) -> str | None:
    """Return the database's revision, or ``None`` when it was never migrated."""
    row = connection.execute("select to_regclass('ops.alembic_version') is not null").fetchone()
    if not row or not row[0]:
        return None
    version = connection.execute("select version_num from ops.alembic_version").fetchone()
    return version[0] if version else None


def require_current_schema(connection: psycopg.Connection) -> None:
    """Return when the database has the schema that this code needs.

    Raises:
        SchemaOutdatedError: It has another one; says which, and what to run.
    """
    found, needed = current_revision(connection), newest_revision()
    if found is not None and found > needed:
        raise _newer(found, needed)
    if found != needed:
        raise SchemaOutdatedError(
            f"The warehouse's schema is {found or 'empty'}, but this Mercado needs {needed}: run `mercado migrate`."
        )


def _refuse_unknown_revision(connection: psycopg.Connection) -> None:
    found = current_revision(connection)
    if found is not None and found not in known_revisions():
        raise _newer(found, newest_revision())


def _newer(found: str, needed: str) -> SchemaOutdatedError:
    return SchemaOutdatedError(
        f"The warehouse's schema is {found}, newer than this version of Mercado, which needs {needed}: install the "
        f"version that made it, or restore a backup of the older schema."
    )


def known_revisions() -> set[str]:
    """Return every revision that this version of the code can migrate from, and the one that it needs."""
    return {file.stem.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _upgrade(url: SecretStr) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url.get_secret_value().replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        raise error.orig or error from error
