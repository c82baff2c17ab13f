"""Alembic's entry: one transaction, one migration at a time, version table in schema ``ops``; then the grants."""

import logging
from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

logger = logging.getLogger("mercado.warehouse")
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('mercado migrate', 0))"


def run() -> None:
    """Run the migrations that are due on the URL that `mercado.warehouse.schema` hands over."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(ONE_AT_A_TIME))
        connection.execute(text("create schema if not exists ops"))
        context.configure(connection=connection, version_table_schema="ops")
        context.run_migrations()
        _grant(connection)


def _grant(connection: Connection) -> None:
    """Let the other roles read what they need; the server's notice about an absent one becomes a warning."""
    driver: Any = connection.connection.driver_connection
    driver.add_notice_handler(lambda notice: logger.warning(notice.message_primary))
    driver.execute(Path(__file__).with_name("grants.sql").read_text(encoding="utf-8"))


run()
