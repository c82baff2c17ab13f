"""Restoring a backup: checked, restored beside what is there, migrated if it is old, and only then put in its place.

Until the databases change hands, in one transaction, a restore that fails or is killed leaves the platform as it was;
after that it can be run again to the same end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from packaging.version import Version

from mercado.errors import MixedOriginError, SchemaOutdatedError
from mercado.maintenance import artifacts
from mercado.maintenance.backup import installed_versions
from mercado.maintenance.backups import ARTIFACTS, DATABASES, Backup
from mercado.maintenance.databases import RestoredDatabase, restore_beside, restoring_alone, swap
from mercado.maintenance.postgres_tools import Login
from mercado.maintenance.settings import RestoreSettings
from mercado.warehouse.schema import known_revisions, migrate, newest_revision


@dataclass(frozen=True)
class RestoreTarget:
    """Where a backup is restored to: a server on which the roles and databases are there already.

    Attributes:
        superuser: Creates databases and restores into them.
        warehouse: The role that migrates an older warehouse.
        databases: The databases' names by role.
        artifacts: Folder of MLflow's artifacts.
    """

    superuser: Login
    warehouse: Login
    databases: Mapping[str, str]
    artifacts: Path

    @classmethod
    def from_settings(cls, settings: RestoreSettings) -> Self:
        """Return what the environment says, as in a container."""
        server = (settings.host, settings.port)
        return cls(
            superuser=Login(*server, settings.superuser, settings.superuser_password),
            warehouse=Login(*server, "warehouse", settings.warehouse_password),
            databases=settings.databases,
            artifacts=settings.artifacts,
        )


def check(backup: Backup) -> None:
    """Return when a backup is whole and this version of Mercado can restore it.

    Raises:
        DamagedBackupError: A file is missing or not as it was written; names it.
        SchemaOutdatedError: A newer version made the backup; names what is newer.
    """
    backup.verify()
    if backup.schema_revision is not None and backup.schema_revision not in known_revisions():
        raise SchemaOutdatedError(
            f"The backup {backup.path} was made by a newer Mercado ({backup.mercado_version}): its warehouse has the "
            f"schema {backup.schema_revision}, this version knows up to {newest_revision()}. Upgrade Mercado first."
        )
    made_by = backup.manifest["versions"]
    for package, here in installed_versions().items():
        if package in made_by and Version(made_by[package]) > Version(here):
            raise SchemaOutdatedError(
                f"The backup {backup.path} was made with {package} {made_by[package]}, newer than {here}, which is "
                f"installed here and may not know its database. Upgrade Mercado first."
            )


def require_same_kind(backup: Backup, *, simulated: bool) -> None:
    """Return when a backup's data are of the kind that a platform works with: simulated in a demo, real elsewhere.

    Raises:
        MixedOriginError: They are not; says where the backup can go.
        DamagedBackupError: It does not say what it holds.
    """
    if backup.simulated is None or backup.simulated == simulated:
        return
    if backup.simulated:
        raise MixedOriginError(
            f"The backup {backup.path} holds a demo's simulated data, which would take the place of real data: restore "
            f"it into a demo, with --state and the demo's folder, such as --state .demo."
        )
    raise MixedOriginError(
        f"The backup {backup.path} holds real data, which a demo would mix with simulated ones: restore it without "
        f"--state."
    )


def restore(backup: Backup, target: RestoreTarget, say: Callable[[str], None]) -> None:
    """Put a backup in place of the platform's databases and artifacts; the services must be stopped.

    Args:
        backup: What to restore; an older one is migrated.
        target: Where to.
        say: Told each step.

    Raises:
        DamagedBackupError, SchemaOutdatedError: See `check`; nothing was changed.
        PlatformRunningError: The databases are in use; nothing was changed.
        BackupInProgressError: Another restore works on this server.
        ServiceUnavailableError, ServiceRefusedError, StorageFullError: A dump cannot be restored; the platform is as it
            was.
    """
    check(backup)
    databases = [RestoredDatabase(role, target.databases[role]) for role in DATABASES]
    with restoring_alone(target.superuser, target.databases) as session:
        for database in databases:
            restore_beside(session, target.superuser, backup, database)
            say(f"  {database.name} restored, {sum(backup.manifest['rows'][database.role].values()):,} rows")
            if database.role == "warehouse":
                revision = migrate(target.warehouse.url(database.draft))
                if revision != backup.schema_revision:
                    say(f"  {database.name} migrated from {backup.schema_revision or 'nothing'} to {revision}")
        artifacts.stage(backup.path / ARTIFACTS, target.artifacts)
        artifacts.add_missing(target.artifacts)
        swap(session, databases)
        artifacts.keep_only_staged(target.artifacts)
        say("  databases and artifacts put in their place")
