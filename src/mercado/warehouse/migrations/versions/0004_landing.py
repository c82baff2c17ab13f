"""The tables that DANE's workbooks fill: production, revisions, "as known on", and the ledger of dropped files."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    run_beside(__file__)
