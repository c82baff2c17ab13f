"""Keys of the workbooks' tables begin with the day: a workbook's rows stand together, and need one index, not two."""

from mercado.warehouse.migrations.statements import run_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Build the keys anew."""
    run_beside(__file__)
