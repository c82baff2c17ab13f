"""Predictions, and what came true of them."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    run_beside(__file__)
