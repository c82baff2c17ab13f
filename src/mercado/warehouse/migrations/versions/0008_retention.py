"""What retention has removed is noted where a person, or a replay, would look for it."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns."""
    run_beside(__file__)
