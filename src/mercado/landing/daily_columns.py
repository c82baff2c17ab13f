"""Where the daily workbook's columns are: markets stand above pairs of columns, in one row or two, merged or not."""

from dataclasses import dataclass

from mercado.landing.cells import tidied
from mercado.landing.layouts import DAILY, TITLE_ROWS
from mercado.landing.spreadsheet import Sheet
from mercado.sipsa.names import simplified


@dataclass(frozen=True)
class MarketColumns:
    """A market's columns.

    Attributes:
        market: Its name, empty where the head is missing.
        price: Column of its prices.
        variation: Column of their variations, if there is one.
    """

    market: str
    price: int
    variation: int | None


@dataclass(frozen=True)
class DailyColumns:
    """Where the columns are, from 0 on: that of the products, and each market's."""

    product: int
    markets: list[MarketColumns]

    @property
    def of_markets(self) -> list[int]:
        """Return the columns of prices and variations."""
        return [column for market in self.markets for column in (market.price, market.variation) if column is not None]


def subheads_row(sheet: Sheet) -> int | None:
    """Return the row of the heads "Precio" and "Var %", or ``None`` for a sheet of another layout."""
    heads: dict[int, set[str]] = {}
    for row, _, text in sheet.texts(0, TITLE_ROWS):
        heads.setdefault(row, set()).add(simplified(text))
    return next((row for row, texts in heads.items() if DAILY.price in texts and texts & {*DAILY.variations}), None)


def daily_columns(sheet: Sheet, *, first_row: int, subheads: int) -> DailyColumns:
    """Return where the columns are.

    Args:
        sheet: The sheet of prices.
        first_row: Of the heads, below the date.
        subheads: The row of "Precio" and "Var %".
    """
    heads = {column: simplified(tidied(cell)) for column, cell in enumerate(sheet.rows[subheads])}
    prices = [column for column, head in heads.items() if head == DAILY.price]
    product = max(prices[0] - 1, 0)
    names = _names(sheet, range(first_row, subheads), after=product)
    return DailyColumns(
        product,
        [
            MarketColumns(
                market=", ".join(names.get(column, ())),
                price=column,
                variation=column + 1 if heads.get(column + 1) in DAILY.variations else None,
            )
            for column in prices
        ],
    )


def _names(sheet: Sheet, rows: range, *, after: int) -> dict[int, list[str]]:
    """Return the texts above each column, from top to bottom; that of a merged range stands above all its columns."""
    names: dict[int, dict[tuple[int, int], str]] = {}
    origins = _merged_origins(sheet, rows)
    for row in rows:
        for column in range(after + 1, len(sheet.rows[row])):
            origin_row, origin_column = origins.get((row, column), (row, column))
            text = tidied(sheet.rows[origin_row][origin_column])
            if text and origin_row in rows and origin_column > after:
                names.setdefault(column, {})[origin_row, origin_column] = text.rstrip(" ,")
    return {column: list(texts.values()) for column, texts in names.items()}


def _merged_origins(sheet: Sheet, rows: range) -> dict[tuple[int, int], tuple[int, int]]:
    width = len(sheet.rows[rows.start]) if rows else 0
    return {
        (row, column): first
        for first, last in sheet.merged
        for row in range(max(first[0], rows.start), min(last[0] + 1, rows.stop))
        for column in range(first[1], min(last[1] + 1, width))
    }
