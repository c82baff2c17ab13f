"""Prepare Airflow's metadata database: schema, administrator, connection and variables; safe at every start.

What a person may edit in the UI is created only where absent, so an edit survives. The connection and the variables are
rows of the metadata database, because connections from the environment do not show in the UI.
"""

import os

from airflow.models import Connection, Variable
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import upgradedb
from airflow.utils.session import create_session
from sqlalchemy import select

from mercado.settings import WarehouseSettings
from mercado_airflow.warehouse import CONNECTION_ID

VARIABLES = {
    "sipsa_wsdl_url": (
        "https://appweb.dane.gov.co/sipsaWS/SrvSipsaUpraBeanService?WSDL",
        "Address of the WSDL of DANE's SIPSA service.",
    ),
    "sipsa_historical_start_date": ("2023-01-01", "Days before this one are left out of the SIPSA loads (ISO date)."),
    "sipsa_retry_delay_minutes": ("60", "Minutes to wait before a failed SIPSA fetch is tried again."),
}


def ensure_connection() -> None:
    """Create the connection to the warehouse from ``MERCADO_WAREHOUSE_URL`` unless one of its name is there."""
    url = WarehouseSettings.read().resolved_url().get_secret_value().replace("postgresql://", "postgres://", 1)
    with create_session() as session:
        if session.scalar(select(Connection).where(Connection.conn_id == CONNECTION_ID)) is None:
            description = "The warehouse: database warehouse_db, as its owner."
            session.add(Connection(conn_id=CONNECTION_ID, uri=url, description=description))


def ensure_variables() -> None:
    """Create each variable that is not there."""
    with create_session() as session:
        present = set(session.scalars(select(Variable.key)))
        for key, (value, description) in VARIABLES.items():
            if key not in present:
                session.add(Variable(key=key, val=value, description=description))


def ensure_administrator() -> None:
    """Create the administrator of ``AIRFLOW_ADMIN_USER`` unless the name is taken; a changed password stays."""
    name, password = os.environ["AIRFLOW_ADMIN_USER"], os.environ["AIRFLOW_ADMIN_PASSWORD"]
    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        if manager.find_user(username=name) is None:
            role = manager.find_role("Admin")
            manager.add_user(name, "Mercado", "Administrator", f"{name}@localhost", role, password=password)


def main() -> None:
    """Run every step."""
    upgradedb()
    ensure_connection()
    ensure_variables()
    ensure_administrator()


if __name__ == "__main__":
    main()
