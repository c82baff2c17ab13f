"""SIPSA's tables: production, staging, revisions, "as known on", and the rows that were rejected."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    # By the driver itself: SQLAlchemy would take the file's percent signs for parameters.
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
