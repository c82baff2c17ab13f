"""Every table, view and column says what it means: docs/data-dictionary.md is written from these comments."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Comment on what had no comment yet."""
    run_beside(__file__)
