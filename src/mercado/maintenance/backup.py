"""Making a backup: one instant of the four databases, then the artifacts that they refer to, keys and checksums.

It is written under a hidden name, flushed to disk and renamed when it is whole, so that nothing half-written is ever
seen; a lock lets one at a time through, and what a killed one left is removed by the next.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Self

from pydantic import SecretStr

from mercado import __version__
from mercado.environment import FERNET_KEY
from mercado.errors import ConfigurationError
from mercado.maintenance import artifacts
from mercado.maintenance.backup_folder import alone, flush, free_name, remove_leftovers, storage_errors
from mercado.maintenance.backups import (
    ARTIFACTS,
    CHECKSUMS,
    CONTENT,
    DATABASES,
    HIDDEN_PREFIX,
    KEYS,
    MANIFEST,
    RAW_ANSWERS,
    Backup,
    dump_name,
    sha256_of,
)
from mercado.maintenance.postgres_tools import Login, run_tool
from mercado.maintenance.raw_answers import write_raw_answers
from mercado.maintenance.settings import BackupSettings
from mercado.maintenance.snapshots import Snapshot, row_counts, snapshots
from mercado.warehouse.schema import current_revision

ROLE: Final = "backup_reader"
# Of dropped files nobody knows where they were made.
ORIGINS: Final = "select distinct origin from ops.loads where source <> 'landing' order by 1"
VERSIONED: Final = ("apache-airflow", "mlflow-skinny", "optuna")


@dataclass(frozen=True)
class BackupSource:
    """What a backup is made of.

    Attributes:
        login: The role ``backup_reader`` on the server.
        databases: The databases' names by role.
        artifacts: Folder of MLflow's artifacts.
        data: Folder with ``raw`` and ``archive``.
        fernet_key: What Airflow's connections are encrypted with.
    """

    login: Login
    databases: Mapping[str, str]
    artifacts: Path
    data: Path
    fernet_key: SecretStr

    @classmethod
    def from_settings(cls, settings: BackupSettings) -> Self:
        """Return what the environment says, as in a container and in Airflow's tasks."""
        login = Login(settings.host, settings.port, ROLE, settings.password)
        return cls(login, settings.databases, settings.artifacts, settings.data, settings.fernet_key)


def back_up(source: BackupSource, folder: Path) -> Backup:
    """Make a backup in ``folder`` and return it; the platform may work meanwhile.

    Files can be read by their owner alone.

    Args:
        source: What to back up.
        folder: Where; it is made when it is not there.

    Raises:
        BackupInProgressError: Another process makes one there.
        StorageFullError: No space is left; nothing of this backup is left behind.
        ConfigurationError: The folder may not be written, or the artifacts are not where they should be.
        ServiceUnavailableError: PostgreSQL does not answer, or refuses the log-in.
        ServiceRefusedError: A dump failed.
    """
    if not source.artifacts.is_dir():
        raise ConfigurationError(
            f"MLflow's artifacts are not in {source.artifacts}: is MLFLOW_ARTIFACTS_DESTINATION it?"
        )
    with storage_errors(folder), alone(folder):
        remove_leftovers(folder)
        path = free_name(folder)
        draft = folder / f"{HIDDEN_PREFIX}{path.name}.draft"
        try:
            _write(source, draft, created_at=Backup(path).created_at_utc)
            draft.rename(path)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        flush(folder)
    return Backup(path)


def _write(source: BackupSource, draft: Path, *, created_at: datetime) -> None:
    (draft / "databases").mkdir(parents=True)
    for made in (draft, draft / "databases"):
        made.chmod(0o700)
    with snapshots(source.login, source.databases) as taken:
        for role in DATABASES:
            _dump(source.login, taken[role], draft / dump_name(role))
        manifest = _manifest(taken, created_at)
    # After MLflow's database was looked at: whatever it refers to is there.
    artifacts.pack(source.artifacts, draft / ARTIFACTS)
    write_raw_answers(source.data, draft / RAW_ANSWERS)
    (draft / KEYS).write_text(f"{FERNET_KEY}={source.fernet_key.get_secret_value()}\n", encoding="utf-8")
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    sums = (f"{sha256_of(draft / name)}  {name}\n" for name in CONTENT)
    (draft / CHECKSUMS).write_text("".join(sums), encoding="utf-8")
    for name in (*CONTENT, CHECKSUMS):
        (draft / name).chmod(0o600)
        flush(draft / name)
    flush(draft / "databases")
    flush(draft)


def _dump(login: Login, snapshot: Snapshot, file: Path) -> None:
    options = ("--format=custom", f"--snapshot={snapshot.snapshot_id}", "--no-password")
    run_tool(login, "pg_dump", *options, f"--dbname={snapshot.database}", f"--file={file}")


def _manifest(taken: Mapping[str, Snapshot], created_at: datetime) -> dict[str, Any]:
    server = next(iter(taken.values())).connection.info.parameter_status("server_version")
    warehouse = taken["warehouse"].connection
    revision = current_revision(warehouse)
    return {
        "created_at_utc": created_at.isoformat(),
        "versions": {"mercado": __version__, "postgresql": server, **installed_versions()},
        "schema_revision": revision,
        "origins": [origin for (origin,) in warehouse.execute(ORIGINS)] if revision else [],
        "rows": {role: row_counts(snapshot.connection) for role, snapshot in taken.items()},
    }


def installed_versions() -> dict[str, str]:
    """Return the versions of what keeps a schema of its own in the databases, as far as it is installed here."""
    found = {}
    for package in VERSIONED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
