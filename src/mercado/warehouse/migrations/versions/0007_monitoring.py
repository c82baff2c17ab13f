"""What the monitoring found, and what it decided."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    run_beside(__file__)
