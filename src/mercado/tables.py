"""Tables on a terminal; in a pipe or a file the same without colour, as wide as they are, so that nothing is cut."""

from collections.abc import Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

WIDEST: Final = 10_000


def table(*columns: str, right: Sequence[str] = (), title: str = "") -> Table:
    """Return an empty table.

    Args:
        columns: Headings, from the left.
        right: Those of the columns whose cells stand on the right, as numbers do.
        title: Above it.
    """
    made = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for heading in columns:
        justify: JustifyMethod = "right" if heading in right else "left"
        made.add_column(heading, justify=justify, overflow="fold")
    return made


def add_row(to: Table, *cells: str) -> None:
    """Add a row whose cells are printed as they are, square brackets included."""
    to.add_row(*(Text(cell) for cell in cells))


def print_table(console: Console, printed: Table) -> None:
    """Print a table: within the width of a terminal, and on anything else in full width, a line to each row."""
    if console.is_terminal:
        console.print(printed, soft_wrap=False)
        return
    width = console.measure(printed, options=console.options.update(max_width=WIDEST)).maximum
    wide = Console(file=console.file, width=width, color_system=None, force_terminal=False)
    with wide.capture() as captured:
        wide.print(printed)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
