"""What people look at: food prices of every source side by side, and a list of their series that can be searched."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the views, the list of series and its indexes."""
    run_beside(__file__)
