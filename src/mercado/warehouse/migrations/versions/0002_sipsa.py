"""SIPSA's tables: production, staging, revisions, "as known on", and the rows that were rejected."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    run_beside(__file__)
