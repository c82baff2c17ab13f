"""MLflow's own schema, brought to the installed version before its server starts; the server only asks a person to.

Uses what MLflow's image has. MLflow is imported only when there is something to upgrade: it takes seconds.
"""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import create_engine, inspect, text

VERSION_TABLE = "alembic_version"
REVISION = re.compile(r"^(down_revision|revision)\b[^=]*= *[\"']([0-9a-z]+)[\"']", re.MULTILINE)
UPGRADE = (
    "import os, sqlalchemy, mlflow.store.db.utils as u; "
    "u._upgrade_db(sqlalchemy.create_engine(os.environ['MLFLOW_BACKEND_STORE_URI']))"
)


def prepare(database: str) -> None:
    """Upgrade MLflow's tables when they are older; end with one line when they are newer than the installed MLflow.

    An empty database is left to the server, which makes its tables at the first start.
    """
    found, (known, newest) = stored_revision(database), installed_revisions()
    if found is None or found == newest:
        return
    if found not in known:
        sys.exit(
            f"MLflow cannot start: its database has schema {found}, which this version of MLflow does not know, so a "
            f"newer one made it. Install that version of Mercado, or restore a backup of the older schema."
        )
    sys.stderr.write(f"MLflow's database has schema {found}: upgrading it to {newest}.\n")
    # The address, which holds a password, travels by environment.
    if subprocess.run([sys.executable, "-c", UPGRADE], check=False).returncode != 0:
        sys.exit(
            f"MLflow cannot start: its database could not be upgraded from {found} to {newest}; the lines above say "
            f"why. Restore the latest backup before trying again."
        )


def stored_revision(database: str) -> str | None:
    """Return the revision of the database's schema, or ``None`` when it has none yet."""
    with create_engine(database).connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        revision: str | None = connection.scalar(text(f"select version_num from {VERSION_TABLE}"))  # noqa: S608
        return revision


def installed_revisions() -> tuple[set[str], str]:
    """Return every revision that the installed MLflow knows, and the newest of them."""
    package = find_spec("mlflow")
    if package is None or package.origin is None:
        sys.exit("MLflow cannot start: it is not installed.")
    revisions, replaced = set(), set()
    for file in (Path(package.origin).parent / "store" / "db_migrations" / "versions").glob("[0-9a-z]*.py"):
        stated = dict(REVISION.findall(file.read_text(encoding="utf-8")))
        revisions.add(stated["revision"])
        replaced.add(stated.get("down_revision"))
    (newest,) = revisions - replaced
    return revisions, newest
