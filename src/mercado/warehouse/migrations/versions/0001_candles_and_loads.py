"""Candles, their gaps, and the record of every load."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    run_beside(__file__)
