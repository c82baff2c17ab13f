"""The environment: ``.env`` written from ``.env.example`` with fresh secrets, and proxies kept off this machine.

Uses the standard library alone, so that ``make env`` works before anything is installed.
"""

import base64
import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

PASSWORD_BYTES = 24
FERNET_KEY_BYTES = 32
LOOPBACK = ("127.0.0.1", "localhost")
KNOWN_DEFAULTS = frozenset({"admin", "airflow", "changeme", "change_me", "mlflow", "password", "postgres", "secret"})
# How many workers run Airflow's tasks, on Compose; with none the scheduler does. And Redis's password, which they need.
WORKERS = "MERCADO_CELERY_WORKERS"
BROKER_PASSWORD = "REDIS_PASSWORD"  # noqa: S105  the variable's name
NONE = ("", "0")
# The address at which workers on other hosts reach the platform; none but this machine does without.
WORKERS_ADDRESS = "MERCADO_WORKERS_ADDRESS"
# How many APIs there are, on Compose; the proxy knows of so many at most.
REPLICAS = "MERCADO_API_REPLICAS"
MOST_WORKERS, MOST_REPLICAS = 100, 16
# Set in PostgreSQL at each start, so one that an older file lacks can be made up for.
ROLE_PASSWORDS = (
    "AIRFLOW_DB_PASSWORD",
    "MLFLOW_DB_PASSWORD",
    "OPTUNA_DB_PASSWORD",
    "WAREHOUSE_DB_PASSWORD",
    "API_READER_PASSWORD",
    "BACKUP_READER_PASSWORD",
)
# Compose puts these passwords into addresses as they are.
IN_ADDRESSES = (*(name for name in ROLE_PASSWORDS if name != "BACKUP_READER_PASSWORD"), BROKER_PASSWORD)
FIT_FOR_ADDRESSES = re.compile(r"[A-Za-z0-9._~-]+")

PASSWORDS = (
    "POSTGRES_PASSWORD",
    "AIRFLOW_DB_PASSWORD",
    "MLFLOW_DB_PASSWORD",
    "OPTUNA_DB_PASSWORD",
    "WAREHOUSE_DB_PASSWORD",
    "API_READER_PASSWORD",
    "BACKUP_READER_PASSWORD",
    "AIRFLOW_ADMIN_PASSWORD",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__API__SECRET_KEY",
)
FERNET_KEY = "AIRFLOW__CORE__FERNET_KEY"
# The switch of the log-in to MLflow and of the API's key; what it needs when it is on; and who logs in to MLflow.
AUTH = "MERCADO_AUTH"
AUTH_SECRETS = ("MERCADO_API_KEY", "MLFLOW_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY")
MLFLOW_ADMIN = "admin"
REQUIRED_SECRETS = (*PASSWORDS, FERNET_KEY)


def fresh_values() -> dict[str, str]:
    """Return new random values for every secret, and this user's id for ``AIRFLOW_UID``.

    Passwords are URL-safe text of 192 random bits; the Fernet key is 32 random bytes in URL-safe base64, as
    ``cryptography`` states it. For root the id is Airflow's customary 50000: no container runs as root.
    """
    values = {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in (*PASSWORDS, BROKER_PASSWORD, *AUTH_SECRETS)}
    values[FERNET_KEY] = base64.urlsafe_b64encode(secrets.token_bytes(FERNET_KEY_BYTES)).decode()
    values["AIRFLOW_UID"] = str(os.getuid() or 50000)
    return values


def filled(template: str, values: dict[str, str]) -> str:
    """Return ``template`` with the value put behind each line ``NAME=`` whose name is in ``values``.

    Raises:
        KeyError: A value has no line in the template: the two have drifted apart.
    """
    lines = template.splitlines()
    for name, value in values.items():
        if f"{name}=" not in lines:
            raise KeyError(name)
        lines[lines.index(f"{name}=")] = f"{name}={value}"
    return "\n".join(lines) + "\n"


def write_env_file(template: Path, target: Path) -> bool:
    """Write ``target`` whole, readable by its owner alone, unless it is there; return whether it was written."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(filled(template.read_text(encoding="utf-8"), fresh_values()))
        os.link(draft, target)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def complete_env_file(target: Path) -> tuple[str, ...]:
    """Give ``target`` a fresh password for each login role and for Redis that has none in it, and return their names.

    An older file knows nothing of a role that a newer version adds, nor, once authentication is switched on in it, of
    the secrets that this needs. Whatever else is in the file stays as it is; it is replaced whole, or not at all.
    """
    values = _read(target)
    addable = (*ROLE_PASSWORDS, BROKER_PASSWORD, *(AUTH_SECRETS if values.get(AUTH) == "on" else ()))
    missing = tuple(name for name in addable if not values.get(name))
    if missing:
        set_in_env_file(target, {name: secrets.token_urlsafe(PASSWORD_BYTES) for name in missing})
    return missing


def set_in_env_file(target: Path, values: Mapping[str, str], *, comments: Mapping[str, str] | None = None) -> None:
    """Set variables in a settings file, each in its line or in a new one at the end; all other lines stay as they are.

    The file is replaced whole, or not at all, and its owner alone can read it.

    Args:
        target: The file.
        values: By name.
        comments: Lines to put above a variable's, each beginning with ``#``, by name; never put there twice.
    """
    lines = target.read_text(encoding="utf-8").splitlines()
    for name, value in values.items():
        at = next((place for place, line in enumerate(lines) if line.startswith(f"{name}=")), len(lines))
        lines[at : at + 1] = [f"{name}={value}"]
        comment = (comments or {}).get(name)
        if comment and comment not in lines:
            lines.insert(at, comment)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def secret_problems(values: Mapping[str, str], *, in_addresses: bool = False) -> dict[str, str]:
    """Return what is wrong with each secret that cannot be used, by name; empty when all is well.

    Args:
        values: The settings.
        in_addresses: Whether database passwords go into addresses unquoted, as on Compose.
    """
    problems = {}
    for name in _needed(values):
        value = values.get(name, "")
        if not value:
            problems[name] = "is missing"
        elif value.lower() in KNOWN_DEFAULTS:
            problems[name] = "is a known default"
        elif in_addresses and name in IN_ADDRESSES and not FIT_FOR_ADDRESSES.fullmatch(value):
            problems[name] = "has other characters than letters, digits and . _ ~ -"
    return problems


def scale_problems(values: Mapping[str, str]) -> list[str]:
    """Return a line for each setting of the workers and APIs in containers that cannot be used."""
    problems = []
    bounds = ((WORKERS, "SCALE", 0, MOST_WORKERS), (REPLICAS, "API_REPLICAS", 1, MOST_REPLICAS))
    for name, option, least, most in bounds:
        stated = values.get(name) or str(least)
        if not stated.isdecimal() or not least <= int(stated) <= most:
            problems.append(f"{name} ({option}) must be a whole number, {least} to {most}: got {stated}.")
    address = values.get(WORKERS_ADDRESS, "")
    if address not in ("", *LOOPBACK) and values.get(AUTH) != "on":
        problems.append(
            f"{WORKERS_ADDRESS}={address} opens MLflow to a network in which it asks nobody who he is: set {AUTH}=on."
        )
    return problems


def _needed(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secrets without which a platform with these settings does not start."""
    broker = (BROKER_PASSWORD,) if values.get(WORKERS, "") not in NONE else ()
    return (*REQUIRED_SECRETS, *broker, *(AUTH_SECRETS if values.get(AUTH) == "on" else ()))


def mlflow_login(password: str) -> dict[str, str]:
    """Return the variables with which MLflow's client logs in."""
    return {"MLFLOW_TRACKING_USERNAME": MLFLOW_ADMIN, "MLFLOW_TRACKING_PASSWORD": password}


def without_proxy_to_loopback(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``NO_PROXY`` and ``no_proxy`` with this machine's own addresses added to what they exempt already."""
    stated = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    exempt = [*filter(None, stated.split(",")), *LOOPBACK]
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(dict.fromkeys(exempt)))


def _read(file: Path) -> dict[str, str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def check() -> None:
    """Exit with a line for each setting that Compose cannot use; the environment may state how many there are."""
    chosen = {name: os.environ[name] for name in (WORKERS, REPLICAS) if name in os.environ}
    values = _read(Path(".env")) | chosen
    problems = [
        *scale_problems(values),
        *(
            f"{name} in .env {problem}: set a secret of your own."
            for name, problem in secret_problems(values, in_addresses=True).items()
        ),
    ]
    if problems:
        sys.exit("\n".join(problems))


def addresses() -> None:
    """Say where the services of the platform that ``.env`` describes are."""
    values = _read(Path(".env"))
    for name, variable, path in (("Airflow", "AIRFLOW", ""), ("MLflow", "MLFLOW", ""), ("API", "API", "/docs")):
        port = os.environ.get(f"{variable}_PORT") or values[f"{variable}_PORT"]
        sys.stdout.write(f"  {name:<12} http://localhost:{port}{path}\n")
    user = values["AIRFLOW_ADMIN_USER"]
    sys.stdout.write(f"Log in to Airflow as {user}; the password is AIRFLOW_ADMIN_PASSWORD in .env.\n")


def write() -> None:
    """Write ``.env`` in the working folder, or add what one of an older version lacks, and say what was done."""
    if write_env_file(Path(".env.example"), Path(".env")):
        said = "Wrote .env with fresh random secrets; the Airflow password is AIRFLOW_ADMIN_PASSWORD in it."
    elif added := complete_env_file(Path(".env")):
        said = f"Kept the .env that is here, and added the passwords that it lacked: {', '.join(added)}."
    else:
        said = "Kept the .env that is here; remove it first if you want new secrets."
    sys.stdout.write(f"{said}\n")


COMMANDS = {"write": write, "check": check, "addresses": addresses}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]]()
