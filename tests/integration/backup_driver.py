"""Makes or restores a backup as a process of its own, by its environment as in a container; tests kill it."""

import os
import sys
from pathlib import Path

from mercado.errors import MercadoError
from mercado.maintenance.backup import BackupSource, back_up
from mercado.maintenance.backups import Backup
from mercado.maintenance.restore import RestoreTarget, restore
from mercado.maintenance.settings import BackupSettings, RestoreSettings

REPOSITORY = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-m", "tests.integration.backup_driver")


def driver_environment(environment: dict[str, str]) -> dict[str, str]:
    return dict(os.environ) | environment | {"MERCADO_ENV_FILE": os.devnull, "PYTHONPATH": str(REPOSITORY)}


def main() -> int:
    """Make a backup, or restore the one that is named, and return the exit code."""
    try:
        if len(sys.argv) > 1:
            restore(Backup(Path(sys.argv[1])), RestoreTarget.from_settings(RestoreSettings.read()), print)
        else:
            settings = BackupSettings.read()
            back_up(BackupSource.from_settings(settings), settings.folder)
    except MercadoError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
