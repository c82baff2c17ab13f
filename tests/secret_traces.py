"""Where a secret may have been left behind: databases, artifacts, answers."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from mercado.environment import AUTH_SECRETS, REQUIRED_SECRETS
from mercado.local.platform import Platform
from mercado.local.postgres import installed_binaries

# Everything that Airflow and MLflow keep, and of the warehouse what is written about the loads.
DUMPED = {"airflow": (), "mlflow": (), "optuna": (), "warehouse": ("--schema=ops",)}


def secret_values(platform: Platform) -> dict[str, bytes]:
    """Return every secret of a platform by its variable's name."""
    return {name: platform.values[name].encode() for name in (*REQUIRED_SECRETS, *AUTH_SECRETS)}


def secrets_in(content: bytes, platform: Platform) -> set[str]:
    """Return the names of the secrets that stand in ``content``."""
    return {name for name, value in secret_values(platform).items() if value in content}


def dumps(platform: Platform) -> Iterator[tuple[str, bytes]]:
    """Yield each database's name and its rows as text: XComs, rendered templates, logs, parameters, tags, studies."""
    for role, options in DUMPED.items():
        address = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(platform.ports.postgres),
            "PGDATABASE": platform.values[f"POSTGRES_DB_{role.upper()}"],
            "PGUSER": "backup_reader",
            "PGPASSWORD": platform.values["BACKUP_READER_PASSWORD"],
        }
        command = [str(installed_binaries() / "pg_dump"), "--data-only", *options]
        yield role, subprocess.run(command, env=address, capture_output=True, check=True).stdout


def files_with_secrets(folder: Path, platform: Platform) -> dict[str, set[str]]:
    """Return the files below ``folder`` in which secrets stand, and which."""
    files = (file for file in folder.rglob("*") if file.is_file())
    found = {str(file): secrets_in(file.read_bytes(), platform) for file in files}
    return {file: names for file, names in found.items() if names}
