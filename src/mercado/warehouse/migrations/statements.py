"""Migrations are SQL: each version's statements stand in a file beside it."""

from pathlib import Path
from typing import Any

from alembic import op


def run_beside(version: str) -> None:
    """Run the statements of the ``.sql`` file beside a version's module, in the migration's transaction."""
    # By the driver itself: SQLAlchemy would take the file's percent signs for parameters.
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(version).with_suffix(".sql").read_text(encoding="utf-8"))
