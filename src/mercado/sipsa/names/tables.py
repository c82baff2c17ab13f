"""The reviewed tables of names, read from the package once and checked before anything is looked up in them.

A table has a line for each canonical name and one for each alias: ``simplified``, ``canonical`` and what is known of
the canonical name (a product's group as DANE's weekly workbooks print it; a city's DIVIPOLA code and department).
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mercado.errors import ConfigurationError
from mercado.sipsa.names.simplify import simplified

_CODE = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a table says of a name.

    Attributes:
        canonical: For display.
        group: Of a product, in DANE's words; ``None`` where no workbook shows the product.
        code: DIVIPOLA code of a city, five digits.
        department: Of a city.
    """

    canonical: str
    group: str | None = None
    code: str | None = None
    department: str | None = None


@cache
def products() -> Mapping[str, Entry]:
    """Return the table of products, by simplified name."""
    return _shipped("products.csv")


@cache
def markets() -> Mapping[str, Entry]:
    """Return the table of markets, by simplified name.

    It holds the combinations of markets that the workbooks' supply sheets add up, the towns of the rice mills, and the
    averages of a city ("Barranquilla", "Valledupar") that the daily workbooks print beside true markets.
    """
    return _shipped("markets.csv")


@cache
def cities() -> Mapping[str, Entry]:
    """Return the table of the municipalities that SIPSA's markets are in, by simplified name.

    A bare name is listed when DIVIPOLA knows it once, or when SIPSA means a department's capital by it: Armenia is
    Quindío's. Any other shared name is listed with its department only, so a bare "La Unión" has no code.
    """
    return _shipped("cities.csv")


def checked_table(lines: Iterable[str], *, where: str) -> dict[str, Entry]:
    """Return a table of names by simplified name.

    Args:
        lines: CSV with a header: ``simplified``, ``canonical`` and any of ``group``, ``code`` and ``department``.
        where: Name of the file, for messages.

    Raises:
        ConfigurationError: A line is not simplified, repeats another, points at a canonical name that is itself an
            alias or has no line of its own, or has a code that is not five digits; names the file and the line.
    """
    table: dict[str, Entry] = {}
    reader = csv.DictReader(lines)
    for row in reader:
        place = f"{where}, line {reader.line_num}"
        try:
            name, canonical = row.pop("simplified") or "", row.pop("canonical") or ""
            _add(table, name, Entry(canonical, **{column: value or None for column, value in row.items()}))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{place}: {error}; correct the table of names") from error
    for name, entry in table.items():
        if table.get(simplified(entry.canonical)) != entry:
            raise ConfigurationError(
                f"{where}: {name!r} is said to be {entry.canonical!r}, which has no equal line of its own; add a line "
                f"{simplified(entry.canonical)!r} for it with the same values, or correct {name!r}"
            )
    return table


def _add(table: dict[str, Entry], name: str, entry: Entry) -> None:
    if not entry.canonical:
        raise ValueError(f"{name!r} has no canonical name")
    if not name or name != simplified(name):
        raise ValueError(f"{name!r} is not simplified: expected {simplified(name)!r}")
    if name in table:
        raise ValueError(f"{name!r} is there already, as {table[name].canonical!r}")
    if entry.code is not None and not _CODE.fullmatch(entry.code):
        raise ValueError(f"a DIVIPOLA code has five digits, with its leading zero; {name!r} has {entry.code!r}")
    table[name] = entry


def _shipped(file_name: str) -> dict[str, Entry]:
    text = files("mercado.sipsa.names").joinpath(file_name).read_text(encoding="utf-8")
    return checked_table(text.splitlines(), where=file_name)
