"""Start MLflow's server: open when ``MERCADO_AUTH`` is off, behind its basic-auth app when it is on.

``python serve.py OPTIONS`` becomes ``mlflow server OPTIONS``. MLflow takes the address of the users' database, which
holds a password, from a file alone: ``MLFLOW_AUTH_CONFIG_PATH`` names it, and it is written anew at each start,
readable by its owner only. Uses what MLflow's image has: no library of the platform.
"""

import os
import sys
from pathlib import Path

from schema import prepare  # beside this file
from sqlalchemy import Connection, create_engine, inspect, text
from werkzeug.security import check_password_hash, generate_password_hash

USERS = "users"
# Users whom an administrator adds see everything and change nothing. A checked password is remembered for a minute:
# the check is made slow on purpose, and a run logs hundreds of times.
CONFIGURATION = """\
[mlflow]
database_uri = {database}
default_permission = READ
auth_cache_ttl_seconds = 60
"""


def main() -> None:
    """Become MLflow's server."""
    command = [str(Path(sys.executable).with_name("mlflow")), "server", *sys.argv[1:]]
    prepare(required("MLFLOW_BACKEND_STORE_URI"))
    if required("MERCADO_AUTH") == "on":
        database = required("MLFLOW_BACKEND_STORE_URI")
        required("MLFLOW_FLASK_SERVER_SECRET_KEY")
        write_configuration(Path(required("MLFLOW_AUTH_CONFIG_PATH")), database)
        with create_engine(database).begin() as connection:
            align_password(connection, required("MLFLOW_AUTH_ADMIN_USERNAME"), required("MLFLOW_AUTH_ADMIN_PASSWORD"))
        command += ["--app-name", "basic-auth"]
    else:
        # MLflow reads the file that is named whenever runs are searched, log-in or not.
        os.environ.pop("MLFLOW_AUTH_CONFIG_PATH", None)
    os.execv(command[0], command)  # noqa: S606 - MLflow's own program, beside this interpreter


def required(name: str) -> str:
    """Return a variable; end with one line when it is not set."""
    value = os.environ.get(name, "")
    if not value:
        sys.exit(f"MLflow cannot start: {name} is not set. Run `make env`, which adds what the settings lack.")
    return value


def write_configuration(file: Path, database: str) -> None:
    """Write the configuration of the basic-auth app, in whose notation a percent sign is written twice."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(CONFIGURATION.format(database=database.replace("%", "%%")))


def align_password(connection: Connection, user: str, password: str) -> None:
    """Give the administrator the password of the settings, as the database's roles get theirs at each start.

    MLflow makes the user at its first start and ignores a password that has changed since, so that after a restored
    backup or with new settings nobody could log in.
    """
    if not inspect(connection).has_table(USERS):
        return
    stored = connection.scalar(text("select password_hash from users where username = :user"), {"user": user})
    if stored is not None and not check_password_hash(stored, password):
        changed = {"user": user, "hash": generate_password_hash(password)}
        connection.execute(text("update users set password_hash = :hash where username = :user"), changed)


if __name__ == "__main__":
    main()
