"""Ingests every file of a landing zone as a process of its own, which tests stop, kill and limit as they like."""

import os
import resource
import sys
from pathlib import Path

from pydantic import SecretStr

from mercado.errors import MercadoError
from mercado.landing.ingest import Folders, ingest_files
from mercado.landing.landing_zone import candidates
from mercado.settings import DataSettings
from mercado.warehouse.connection import connect
from tests.integration.landing_documents import read_document

REPOSITORY = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-m", "tests.integration.landing_driver")


def driver_environment(url: SecretStr, folders: Folders, **more: str) -> dict[str, str]:
    """Return the environment in which `COMMAND` works; ``LARGEST_FILE`` limits the files it may write, in bytes."""
    places = {"MERCADO_WAREHOUSE_URL": url.get_secret_value(), "MERCADO_DATA_DIR": str(folders.root)}
    return dict(os.environ) | places | {"MERCADO_ENV_FILE": os.devnull, "PYTHONPATH": str(REPOSITORY)} | more


def main() -> int:
    """Ingest, say what became of each file, and return the exit code."""
    if largest := int(os.environ.get("LARGEST_FILE", "0")):
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    folders = Folders.of(DataSettings.read())
    paths = [folders.landing_zone / each.name for each in candidates(folders.landing_zone)]
    try:
        with connect(SecretStr(os.environ["MERCADO_WAREHOUSE_URL"]), application="landing driver") as connection:
            for outcome in ingest_files(connection, paths, folders, read=read_document):
                sys.stdout.write(f"{outcome.name}: {outcome.status}\n")
    except MercadoError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
