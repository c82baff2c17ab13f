"""Names that SIPSA's sources have written, and which of them no reviewed table knows."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table and its view."""
    run_beside(__file__)
