"""A backup made of, and restored into, a platform of this checkout: its processes, or its containers."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil
from dotenv import dotenv_values
from pydantic import SecretStr

from mercado.environment import FERNET_KEY, set_in_env_file
from mercado.errors import DamagedBackupError, PlatformRunningError
from mercado.local.compose import ComposeServices, require_engine
from mercado.local.folders import make_folders
from mercado.local.platform import Platform
from mercado.local.ports import require_free
from mercado.local.postgres import EmbeddedPostgres
from mercado.local.runtime import Say, create_databases
from mercado.local.supervision import Supervisor
from mercado.maintenance.backup import ROLE, BackupSource
from mercado.maintenance.backups import KEYS, RAW_ANSWERS, Backup
from mercado.maintenance.postgres_tools import Login
from mercado.maintenance.raw_answers import raw_answer_problems
from mercado.maintenance.restore import RestoreTarget, check, restore

ADMINISTRATOR = "AIRFLOW_ADMIN_PASSWORD"
STOP_SECONDS = 60
CONTAINER_FOLDER = "/restore"
NAMED_PROBLEMS = 10


def backup_source(platform: Platform) -> BackupSource:
    """Return what a backup of local processes is made of."""
    password = SecretStr(platform.values["BACKUP_READER_PASSWORD"])
    return BackupSource(
        login=Login("127.0.0.1", platform.ports.postgres, ROLE, password),
        databases=platform.database_names,
        artifacts=platform.artifacts,
        data=platform.data,
        fernet_key=SecretStr(platform.values[FERNET_KEY]),
    )


def restore_processes(platform: Platform, backup: Backup, say: Say) -> None:
    """Restore a backup into a platform of local processes that is stopped; its PostgreSQL runs for so long.

    Raises:
        PlatformRunningError: It runs; nothing was changed.
        ConfigurationError: A secret is missing, or PostgreSQL's port is taken.
        MercadoError: See `restore`.
    """
    if Supervisor(platform).running:
        raise PlatformRunningError(f"The platform '{platform.name}' runs: stop it with `make {platform.name}-down`.")
    check(backup)
    platform.require_secrets()
    make_folders(platform)
    with _own_server(platform), _keys(platform, backup, say):
        create_databases(platform.postgres, platform.values)
        restore(backup, _target(platform), say)
    _tell_raw_answers(platform, backup, say)


def restore_containers(services: ComposeServices, backup: Backup, say: Say) -> None:
    """Restore a backup into a platform in containers of which nothing but PostgreSQL may run.

    Raises:
        PlatformRunningError: Its services run; nothing was changed.
        ConfigurationError: A secret cannot be used.
        ServiceUnavailableError: There is no engine, or the restore failed; names the log.
        MercadoError: See `check`.
    """
    require_engine()
    platform = services.platform
    if running := services.running_services() - {"postgres"}:
        stop = "make down" if not platform.simulated else "make demo-down RUNTIME=docker"
        raise PlatformRunningError(f"These services run: {', '.join(sorted(running))}. Stop them with `{stop}`.")
    check(backup)
    platform.require_secrets(in_addresses=True)
    make_folders(platform)
    services.build("migrate")
    services.start_only("postgres")
    with _keys(platform, backup, say):
        services.run_once("databases")
        place = f"{CONTAINER_FOLDER}/{backup.path.name}"
        command = ("mercado", "restore", place, "--yes")
        said = services.run_once("restore", *command, volumes={backup.path.resolve(): place})
        say(said.rstrip())
    _tell_raw_answers(platform, backup, say)


def _target(platform: Platform) -> RestoreTarget:
    server = platform.postgres
    login = ("127.0.0.1", server.port)
    return RestoreTarget(
        superuser=Login(*login, server.superuser, SecretStr(server.password)),
        warehouse=Login(*login, "warehouse", SecretStr(platform.values["WAREHOUSE_DB_PASSWORD"])),
        databases=platform.database_names,
        artifacts=platform.artifacts,
    )


@contextmanager
def _own_server(platform: Platform) -> Iterator[None]:
    """Run the platform's PostgreSQL until the block ends; one that a killed restore has left running is used."""
    server = platform.postgres
    if server.running_pid() is None:
        require_free({"POSTGRES_PORT": server.port}, command="mercado restore")
        server.prepare()
        server.start(platform.logs / "postgres.log")
    try:
        yield
    finally:
        _stop(server)


def _stop(server: EmbeddedPostgres) -> None:
    if (pid := server.running_pid()) is not None:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGINT)  # the fast shutdown: sessions are ended, nothing is lost
        process.wait(STOP_SECONDS)


@contextmanager
def _keys(platform: Platform, backup: Backup, say: Say) -> Iterator[None]:
    """Have the settings hold the backup's Fernet key in the end, and while databases change hands both.

    Airflow reads a list of keys: until the block ends, connections of the former database can be read as well as those
    of the backup, so one that is killed leaves a platform that works.
    """
    file = platform.settings_file
    present, restored = str(dotenv_values(file).get(FERNET_KEY) or ""), _fernet_key(backup)
    if present == restored:
        yield
        return
    others = [key for key in present.split(",") if key and key != restored]
    set_in_env_file(file, {FERNET_KEY: ",".join([*others, restored])})
    yield
    user = platform.values["AIRFLOW_ADMIN_USER"]
    comment = (
        f"# Airflow's users came from {backup.path.name}: {user} logs in with the password of then, not with this one."
    )
    replaced: Mapping[str, str] = {FERNET_KEY: restored, ADMINISTRATOR: platform.values[ADMINISTRATOR]}
    set_in_env_file(file, replaced, comments={ADMINISTRATOR: comment})
    say(f"  the Fernet key in {file} replaced by that of the backup")
    say(f"  Airflow's users came with the backup: {user} logs in with the password of then; put it into {file}")


def _fernet_key(backup: Backup) -> str:
    key = dotenv_values(backup.path / KEYS).get(FERNET_KEY)
    if not key:
        raise DamagedBackupError(f"The backup {backup.path} is damaged: {KEYS} holds no {FERNET_KEY}.")
    return key


def _tell_raw_answers(platform: Platform, backup: Backup, say: Say) -> None:
    problems = raw_answer_problems(platform.data, backup.path / RAW_ANSWERS)
    if not problems:
        say(f"  every raw answer and archived workbook of then is in {platform.data}, unchanged")
        return
    say(
        f"  {len(problems)} raw answers or archived workbooks of then are not in {platform.data} as they were; prices "
        f"are all restored, only what they were read from is missing. Copy the folder if you still have it:"
    )
    for problem in problems[:NAMED_PROBLEMS]:
        say(f"    {problem}")
    if len(problems) > NAMED_PROBLEMS:
        say(f"    and {len(problems) - NAMED_PROBLEMS} more")
