"""A server of its own whose four databases hold what a platform's would, for tests of backups."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from mercado.local.postgres import EmbeddedPostgres
from mercado.local.runtime import create_databases
from mercado.maintenance.backup import ROLE, BackupSource
from mercado.maintenance.postgres_tools import Login
from mercado.maintenance.restore import RestoreTarget
from mercado.maintenance.snapshots import row_counts
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.conftest import PASSWORD, database_passwords, running_postgres

DATABASES = {role: f"{role}_db" for role in ("airflow", "warehouse", "mlflow", "optuna")}
KEY = "ZmVybmV0LWtleS1mb3ItdGVzdHMtb25seS0zMi1ieXQ="


@dataclass(frozen=True)
class PlatformDatabases:
    """What backups are made of and restored into.

    Attributes:
        server: The server.
        folder: Holds ``artifacts``, ``data`` and ``backups``.
    """

    server: EmbeddedPostgres
    folder: Path

    def login(self, user: str) -> Login:
        return Login("127.0.0.1", self.server.port, user, SecretStr(PASSWORD))

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    @property
    def source(self) -> BackupSource:
        return BackupSource(self.login(ROLE), DATABASES, self.artifacts, self.folder / "data", SecretStr(KEY))

    @property
    def target(self) -> RestoreTarget:
        return RestoreTarget(self.login("postgres"), self.login("warehouse"), DATABASES, self.artifacts)

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings with which a process without a checkout makes backups of it."""
        return {
            "BACKUP_READER_PASSWORD": PASSWORD,
            "AIRFLOW__CORE__FERNET_KEY": KEY,
            "MLFLOW_ARTIFACTS_DESTINATION": str(self.artifacts),
            "POSTGRES_PORT": str(self.server.port),
            "MERCADO_DATA_DIR": str(self.folder / "data"),
            "MERCADO_BACKUP_DIR": str(self.backups),
            "POSTGRES_USER": "postgres",
            "POSTGRES_PASSWORD": PASSWORD,
            "WAREHOUSE_DB_PASSWORD": PASSWORD,
        }

    def execute(self, database: str, statement: str, *, user: str | None = None) -> list[tuple[object, ...]]:
        """Run a statement as the owner of a database, or as another role, and return its rows."""
        with connect(self.login(user or database).url(DATABASES[database]), application="") as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def state(self) -> dict[str, object]:
        """Return the rows of every table, and each artifact's bytes."""
        counts: dict[str, object] = {}
        for role, name in DATABASES.items():
            with connect(self.login("postgres").url(name)) as connection:
                counts[role] = row_counts(connection)
        files = {str(file.relative_to(self.artifacts)): file for file in self.artifacts.rglob("*") if file.is_file()}
        kept = {name: file.read_bytes() for name, file in files.items() if not name.startswith(".restoring")}
        return counts | {"artifacts": kept}


@contextmanager
def platform_databases(folder: Path) -> Iterator[PlatformDatabases]:
    """Run a server with migrated warehouse, some rows everywhere, two artifacts and a raw answer."""
    with running_postgres(folder) as server:
        create_databases(server, database_passwords())
        platform = PlatformDatabases(server, folder)
        migrate(platform.login("warehouse").url("warehouse_db"))
        for role in ("airflow", "mlflow", "optuna"):
            platform.execute(role, "create table things (id serial primary key, name text)")
            platform.execute(
                role, f"insert into things (name) select '{role} ' || n from generate_series(1, 1000) as n"
            )
        for name in ("1/run/artifacts/model.ubj", "1/models/m-1/MLmodel"):
            file = platform.artifacts / name
            file.parent.mkdir(parents=True)
            file.write_bytes(name.encode())
        raw = folder / "data" / "raw" / "sipsa" / "answer.xml.gz"
        raw.parent.mkdir(parents=True)
        raw.write_bytes(b"raw answer")
        yield platform
