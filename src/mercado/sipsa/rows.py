"""From an item's texts to a line of the staging table, or to the rule that it breaks.

Numbers keep the digits that were written. A day is the first ten characters of its instant, checked and never shifted.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import Any, Final

from mercado.sipsa.contract import ColumnKind, Field, Operation
from mercado.sipsa.derived import DerivedColumn, UnexpectedUnitError, derived_columns

# No price of food or farm inputs, in pesos, and no monthly supply of a market, in tonnes, is beyond these.
GREATEST_AMOUNT: Final = Decimal(100_000_000)
PRICE_ORDER: Final = ("min_price_cop", "mean_price_cop", "max_price_cop")
EARLIEST_DAY: Final = date(2000, 1, 1)
REMEMBERED: Final = 1 << 15
NULL: Final = "\\N"
MUNICIPALITY: Final = re.compile(r"[0-9]{5}")
WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,18}(?:\.0+)?")
AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,10})?")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*|[Z+-].*)?")
# COPY's text format: these four would end a value, a row or an escape.
UNSAFE: Final = re.compile(r"[\\\t\n\r]")
ESCAPES: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


class BrokenRuleError(Exception):
    """An item breaks a rule; the message is the rule, with what was expected."""


class RowReader:
    """Turns items of one operation into staging lines.

    Args:
        operation: Whose items.
        latest: The last day that a row may be about.
    """

    def __init__(self, operation: Operation, *, latest: date) -> None:
        self._convert = [(field, _remembering(_CONVERTERS[field.kind], field)) for field in operation.columns]
        derived = derived_columns(operation)
        self._derive = [(each.field, _remembering(_derived, each)) for each in derived]
        columns = [field.column or "" for field in operation.columns]
        self.columns = (*columns, *(each.column for each in derived))
        self._day = columns.index(operation.day)
        self._prices = [columns.index(name) for name in PRICE_ORDER if name in columns]
        self._earliest, self._latest = EARLIEST_DAY.isoformat(), latest.isoformat()

    def values(self, texts: Mapping[str, str]) -> list[str]:
        """Return the values of `columns`, in COPY's text format.

        Args:
            texts: The item's fields that are present, by name.

        Raises:
            BrokenRuleError: The first rule that the item breaks.
        """
        values = [
            convert(text) if (text := texts.get(field.name)) is not None else _absent(field)
            for field, convert in self._convert
        ]
        if not self._earliest <= values[self._day] <= self._latest:
            raise BrokenRuleError(f"day between {self._earliest} and {self._latest}")
        if len(self._prices) == len(PRICE_ORDER):
            _check_order([values[place] for place in self._prices])
        values += [derive(texts[name]) for name, derive in self._derive]
        return values


def _remembering(convert: Callable[[Any, str], str], what: Any) -> Callable[[str], str]:
    """Return a converter that remembers its latest answers: an answer repeats its names, days and prices."""
    return lru_cache(REMEMBERED)(partial(convert, what))


def _derived(column: DerivedColumn, text: str) -> str:
    try:
        value = column.derive(text)
    except UnexpectedUnitError as error:
        raise BrokenRuleError(str(error)) from error
    return NULL if value is None else _escaped(value)


def _check_order(prices: list[str]) -> None:
    stated = [float(price) for price in prices if price != NULL]
    if stated != sorted(stated):
        raise BrokenRuleError("min_price_cop <= mean_price_cop <= max_price_cop")


def _absent(field: Field) -> str:
    if field.required:
        raise BrokenRuleError(f"{field.name} is present")
    return NULL


def _text(field: Field, text: str) -> str:
    if field.required and not text.strip():
        raise BrokenRuleError(f"{field.name} is not empty")
    return _escaped(text)


def _escaped(text: str) -> str:
    return UNSAFE.sub(lambda found: ESCAPES[found.group()], text) if UNSAFE.search(text) else text


def _code(field: Field, text: str) -> str:
    if not WHOLE_NUMBER.fullmatch(text):
        raise BrokenRuleError(f"{field.name} is a whole number")
    return text.partition(".")[0]


def _amount(field: Field, text: str) -> str:
    if not AMOUNT.fullmatch(text):
        raise BrokenRuleError(f"{field.name} is a number without exponent or sign")
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise BrokenRuleError(f"{field.name} is a number") from error
    if amount > GREATEST_AMOUNT or (amount == 0 and field.column != "supply_tonnes"):
        raise BrokenRuleError(f"{field.name} above 0 and at most {GREATEST_AMOUNT:,}")
    return text


def _day(field: Field, text: str) -> str:
    day = text[:10]
    if not DAY.fullmatch(text):
        raise BrokenRuleError(f"{field.name} is a day, YYYY-MM-DD first")
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise BrokenRuleError(f"{field.name} is a day of the calendar") from error
    return day


def _instant(field: Field, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BrokenRuleError(f"{field.name} is an instant, ISO 8601") from error
    if moment.tzinfo is None:
        raise BrokenRuleError(f"{field.name} is an instant with its zone")
    return text


def _municipality(field: Field, text: str) -> str:
    if not MUNICIPALITY.fullmatch(text):
        raise BrokenRuleError(f"{field.name} is a DIVIPOLA code of five digits")
    return text


_CONVERTERS: Final[Mapping[ColumnKind, Callable[[Field, str], str]]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.CODE: _code,
    ColumnKind.AMOUNT: _amount,
    ColumnKind.DAY: _day,
    ColumnKind.INSTANT: _instant,
    ColumnKind.MUNICIPALITY: _municipality,
}
