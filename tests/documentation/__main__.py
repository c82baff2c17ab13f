"""``make docs``: write every generated page anew; the READMEs' table of DAGs is `make readme`'s."""

import tempfile
from pathlib import Path

from mercado.local.runtime import create_databases
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.conftest import DatabaseServer, database_passwords, running_postgres
from tests.documentation import api_page, data_dictionary
from tests.documentation.catalogue import Catalogue, read_catalogue


def fresh_catalogue() -> Catalogue:
    """Return the catalogue of a warehouse that was just migrated on a PostgreSQL of its own."""
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder)) as server:
        create_databases(server, database_passwords())
        url = DatabaseServer(server.port).warehouse_url
        migrate(url)
        with connect(url, application="make docs") as connection:
            return read_catalogue(connection)


if __name__ == "__main__":
    api_page.PAGE.write_text(api_page.api_page(api_page.openapi_document()), encoding="utf-8")
    data_dictionary.PAGE.write_text(data_dictionary.data_dictionary(fresh_catalogue()), encoding="utf-8")
