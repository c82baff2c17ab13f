"""Prepare Airflow's metadata database: schema, administrator, connection and variables; safe at every start.

What a person has edited in the UI is left as it is. The connection and the variables are
rows of the metadata database, because connections from the environment do not show in the UI.
"""

import hashlib
import os
import sys

from airflow.models import Connection, Variable
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import _get_alembic_config, upgradedb
from airflow.utils.session import create_session
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from airflow import __version__ as airflow_version
from mercado.errors import SchemaOutdatedError
from mercado.settings import SipsaSettings, WarehouseSettings
from mercado_airflow.warehouse import CONNECTION_ID

CONNECTION_FIELDS = ("conn_type", "host", "port", "login", "password", "schema")
VARIABLES = {
    "sipsa_wsdl_url": "Address of the WSDL of DANE's SIPSA service.",
    "sipsa_historical_start_date": "Days before this one are left out of the SIPSA loads (ISO date).",
    "sipsa_retry_delay_minutes": "Minutes to wait before a failed SIPSA fetch is tried again.",
}


def ensure_connection() -> None:
    """Create the connection to the warehouse from ``MERCADO_WAREHOUSE_URL``, or bring it up to date.

    A connection that is still as it was last written here follows a changed port or password; one that a person has
    edited since stays as it is. Its description holds the digest that tells them apart.
    """
    url = WarehouseSettings.read().resolved_url().get_secret_value().replace("postgresql://", "postgres://", 1)
    wanted = Connection(conn_id=CONNECTION_ID, uri=url)
    with create_session() as session:
        stored = session.scalar(select(Connection).where(Connection.conn_id == CONNECTION_ID))
        if stored is None:
            stored = wanted
            session.add(stored)
        elif stored.description != _description(stored):
            return
        for field in CONNECTION_FIELDS:
            setattr(stored, field, getattr(wanted, field))
        stored.description = _description(stored)


def _description(connection: Connection) -> str:
    content = repr([getattr(connection, field) for field in CONNECTION_FIELDS])
    mark = hashlib.sha256(content.encode()).hexdigest()[:12]
    return f"The warehouse, as its owner. Follows the settings at each start (mark {mark}) until it is edited here."


def ensure_variables() -> None:
    """Create each variable that is not there; one that is still as it was set here follows the settings.

    Its description holds the value that was set, so that a person's edit is told from it and stays.
    """
    wanted = {
        "sipsa_wsdl_url": SipsaSettings.read().wsdl_url,
        "sipsa_historical_start_date": "2023-01-01",
        "sipsa_retry_delay_minutes": "60",
    }
    with create_session() as session:
        stored = {variable.key: variable for variable in session.scalars(select(Variable))}
        for key, value in wanted.items():
            described = f"{VARIABLES[key]} Set at the start to {value}."
            if key not in stored:
                session.add(Variable(key=key, val=value, description=described))
            elif stored[key].description == f"{VARIABLES[key]} Set at the start to {stored[key].val}.":
                stored[key].set_val(value)
                stored[key].description = described


def ensure_administrator() -> None:
    """Create the administrator of ``AIRFLOW_ADMIN_USER`` unless the name is taken; a changed password stays."""
    name, password = os.environ["AIRFLOW_ADMIN_USER"], os.environ["AIRFLOW_ADMIN_PASSWORD"]
    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        if manager.find_user(username=name) is None:
            role = manager.find_role("Admin")
            manager.add_user(name, "Mercado", "Administrator", f"{name}@localhost", role, password=password)


def upgrade_schema() -> None:
    """Bring the metadata database to the installed Airflow's schema; safe to run again.

    Raises:
        SchemaOutdatedError: A newer Airflow made it; nothing was changed.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_get_alembic_config()).walk_revisions()}
    with create_session() as session:
        found = MigrationContext.configure(session.connection()).get_current_revision()
    if found is not None and found not in known:
        raise SchemaOutdatedError(
            f"Airflow's database has schema {found}, which Airflow {airflow_version} does not know, so a newer one "
            f"made it: install that version of Mercado, or restore a backup of the older schema."
        )
    upgradedb()


def main() -> None:
    """Run every step; end with one line when one cannot be done."""
    try:
        upgrade_schema()
    except SchemaOutdatedError as error:
        sys.exit(str(error))
    ensure_connection()
    ensure_variables()
    ensure_administrator()


if __name__ == "__main__":
    main()
