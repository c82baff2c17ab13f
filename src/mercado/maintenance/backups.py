"""The backups in a folder: what each consists of, whether it is as it was written, and which are let go.

A backup is a folder ``mercado-YYYYMMDDTHHMMSSZ``, named by the instant in UTC at which its databases were looked at::

    databases/{airflow,mlflow,optuna,warehouse}.dump   pg_dump's custom format
    artifacts.tar.gz                                   MLflow's artifacts
    raw-answers.jsonl                                  path, bytes and sha256 of what lies in data/raw and data/archive
    keys.env                                           the key that Airflow's connections are encrypted with
    manifest.json                                      versions, schema, origins of the data, rows of each table
    SHA256SUMS                                         of all the others, as ``sha256sum -c`` reads it
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from mercado.errors import DamagedBackupError
from mercado.origins import SIMULATED

DATABASES: Final = ("airflow", "warehouse", "mlflow", "optuna")
ARTIFACTS: Final = "artifacts.tar.gz"
RAW_ANSWERS: Final = "raw-answers.jsonl"
KEYS: Final = "keys.env"
MANIFEST: Final = "manifest.json"
CHECKSUMS: Final = "SHA256SUMS"
NAME_FORMAT: Final = "mercado-%Y%m%dT%H%M%SZ"
NAME: Final = re.compile(r"mercado-\d{8}T\d{6}Z")
# What is being made or deleted is hidden: nobody takes it for a backup, and the next one removes it.
HIDDEN_PREFIX: Final = ".mercado-"
CHECKSUM_LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")


def dump_name(database: str) -> str:
    """Return a database's dump as its path in the backup."""
    return f"databases/{database}.dump"


CONTENT: Final = (*map(dump_name, DATABASES), ARTIFACTS, RAW_ANSWERS, KEYS, MANIFEST)


@dataclass(frozen=True)
class Backup:
    """A backup.

    Attributes:
        path: Its folder.
    """

    path: Path

    @property
    def created_at_utc(self) -> datetime:
        """Return the instant that its databases are of."""
        return datetime.strptime(self.path.name, NAME_FORMAT).replace(tzinfo=UTC)

    @property
    def mercado_version(self) -> str:
        """Return the version of Mercado that made it; raises as `manifest`."""
        return str(self.manifest["versions"]["mercado"])

    @property
    def schema_revision(self) -> str | None:
        """Return the warehouse's schema, or ``None`` when it had none yet; raises as `manifest`."""
        revision: str | None = self.manifest["schema_revision"]
        return revision

    @property
    def simulated(self) -> bool | None:
        """Return whether its data came from simulators; ``None`` when nothing had been loaded; raises as `manifest`."""
        origins: list[str] = self.manifest.get("origins", [])
        return any(origin.startswith(SIMULATED) for origin in origins) if origins else None

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Return what the backup says of itself.

        Raises:
            DamagedBackupError: That file is missing or no JSON.
        """
        try:
            content: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise self._damaged(MANIFEST, f"cannot be read ({error})") from error
        return content

    def verify(self) -> None:
        """Return when every file is there and has the bytes that were written.

        Raises:
            DamagedBackupError: One is not; names it.
        """
        sums = self._checksums()
        for name in CONTENT:
            if name not in sums:
                raise self._damaged(CHECKSUMS, f"does not list {name}")
        for name, stated in sums.items():
            file = self.path / name
            if not file.is_file():
                raise self._damaged(name, "is missing")
            if sha256_of(file) != stated:
                raise self._damaged(name, f"is not as it was written (its sha256 is another than in {CHECKSUMS})")

    def _checksums(self) -> dict[str, str]:
        try:
            lines = (self.path / CHECKSUMS).read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError) as error:
            raise self._damaged(CHECKSUMS, f"cannot be read ({error})") from error
        matches = [CHECKSUM_LINE.fullmatch(line) for line in lines]
        return {match[2]: match[1] for match in matches if match}

    def _damaged(self, name: str, problem: str) -> DamagedBackupError:
        return DamagedBackupError(f"The backup {self.path} is damaged: {name} {problem}. Use another backup.")


def list_backups(folder: Path) -> list[Backup]:
    """Return the backups in a folder, newest first; none when there is no such folder. Nothing is verified."""
    if not folder.is_dir():
        return []
    names = sorted((path.name for path in folder.iterdir() if NAME.fullmatch(path.name)), reverse=True)
    return [Backup(folder / name) for name in names]


def delete_old_backups(folder: Path, *, keep: int) -> list[Backup]:
    """Delete all but the newest backups and return those that were deleted.

    When none of the newest is whole, the newest whole one of the others stays as well.

    Args:
        folder: Where they are.
        keep: How many stay, at least 1.
    """
    backups = list_backups(folder)
    kept, others = backups[:keep], backups[keep:]
    if others and not any(map(_is_whole, kept)):
        last_good = next(filter(_is_whole, others), None)
        others = [backup for backup in others if backup is not last_good]
    for backup in others:
        # Renamed first: a deletion that is killed leaves nothing that looks like a backup.
        doomed = backup.path.with_name(f"{HIDDEN_PREFIX}{backup.path.name}.deleted")
        backup.path.rename(doomed)
        shutil.rmtree(doomed)
    return others


def sha256_of(file: Path) -> str:
    """Return the sha256 of a file's bytes, as 64 hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _is_whole(backup: Backup) -> bool:
    try:
        backup.verify()
    except DamagedBackupError:
        return False
    return True
