"""Alembic's entry: one transaction, one migration at a time, version table in schema ``ops``."""

from alembic import context
from sqlalchemy import create_engine, text

ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('mercado migrate', 0))"


def run() -> None:
    """Run the migrations that are due on the URL that `mercado.warehouse.schema` hands over."""
    engine = create_engine(context.config.attributes["url"])
    with engine.begin() as connection:
        connection.execute(text(ONE_AT_A_TIME))
        connection.execute(text("create schema if not exists ops"))
        context.configure(connection=connection, version_table_schema="ops")
        context.run_migrations()
    engine.dispose()


run()
