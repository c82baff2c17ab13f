"""From items' texts to lines of the staging table, or to the rules that they break.

Numbers keep the digits that were written. A day is the first ten characters of its instant, checked and never shifted.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any, Final

from mercado.sipsa.contract import ColumnKind, Field, Operation
from mercado.sipsa.derived import DerivedColumn, UnexpectedUnitError, derived_columns
from mercado.sipsa.parsing import Items
from mercado.warehouse.copying import NULL, escaped

# No price of food or farm inputs, in pesos, and no monthly supply of a market, in tonnes, is beyond these.
GREATEST_AMOUNT: Final = Decimal(100_000_000)
PRICE_ORDER: Final = ("min_price_cop", "mean_price_cop", "max_price_cop")
EARLIEST_DAY: Final = date(2000, 1, 1)
REMEMBERED: Final = 1 << 15
MUNICIPALITY: Final = re.compile(r"[0-9]{5}")
WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,18}(?:\.0+)?")
AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,10})?")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*|[Z+-].*)?")


class BrokenRuleError(Exception):
    """A text breaks a rule; the message is the rule, with what was expected."""


@dataclass(frozen=True)
class BrokenRule:
    """What an item has in place of a value, or of its line, when it breaks a rule.

    Attributes:
        rule: What was expected.
    """

    rule: str


class RowReader:
    """Turns items of one operation into lines of staging, column by column, since an answer repeats its texts.

    Args:
        operation: Whose items.
        latest: The last day that a row may be about.
    """

    def __init__(self, operation: Operation, *, latest: date) -> None:
        fields, derived = operation.columns, derived_columns(operation)
        self.columns = (*(field.column or "" for field in fields), *(each.column for each in derived))
        self._values = [(field.name, _Remembered(partial(_converted, field, latest))) for field in fields]
        self._values += [(each.field, _Remembered(partial(_derived, each))) for each in derived]
        self._day = self.columns.index(operation.day)
        self._prices = [self.columns.index(name) for name in PRICE_ORDER if name in self.columns]

    def lines(self, items: Items) -> Iterator[tuple[str, str] | BrokenRule]:
        """Yield for each item its day and the values of `columns` in COPY's text format, or the rule that it breaks."""
        texts = dict(zip(items.names, zip(*items.rows, strict=True), strict=True))
        absent = (None,) * len(items.rows)
        columns = [[values[text] for text in texts.get(name, absent)] for name, values in self._values]
        ordered = len(self._prices) == len(PRICE_ORDER)
        for values in zip(*columns, strict=True):
            try:
                line = "\t".join(values)
            except TypeError:  # One of them is a BrokenRule, not a text.
                yield next(value for value in values if isinstance(value, BrokenRule))
                continue
            if ordered and not _in_order([values[place] for place in self._prices]):
                yield BrokenRule(" <= ".join(PRICE_ORDER))
            else:
                yield values[self._day], line


class _Remembered(dict[str | None, Any]):
    """Values by text: what was converted once is looked up from then on, as long as there is room."""

    def __init__(self, convert: Callable[[str | None], str]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: str | None) -> str | BrokenRule:
        value: str | BrokenRule
        try:
            value = self._convert(text)
        except BrokenRuleError as error:
            value = BrokenRule(str(error))
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = value
        return value


def _converted(field: Field, latest: date, text: str | None) -> str:
    if text is None:
        if field.required:
            raise BrokenRuleError(f"{field.name} is present")
        return NULL
    value = _CONVERTERS[field.kind](field, text)
    if field.kind is ColumnKind.DAY and not EARLIEST_DAY.isoformat() <= value <= latest.isoformat():
        raise BrokenRuleError(f"{field.name} is a day between {EARLIEST_DAY} and {latest}")
    return value


def _derived(column: DerivedColumn, text: str | None) -> str:
    try:
        value = None if text is None else column.derive(text)
    except UnexpectedUnitError as error:
        raise BrokenRuleError(str(error)) from error
    return NULL if value is None else escaped(value)


def _in_order(prices: list[str]) -> bool:
    stated = [Decimal(price) for price in prices if price != NULL]
    return all(less <= more for less, more in pairwise(stated))


def _text(field: Field, text: str) -> str:
    if field.required and not text.strip():
        raise BrokenRuleError(f"{field.name} is not empty")
    return escaped(text)


def _code(field: Field, text: str) -> str:
    if not WHOLE_NUMBER.fullmatch(text):
        raise BrokenRuleError(f"{field.name} is a whole number")
    return text.partition(".")[0]


def _amount(field: Field, text: str) -> str:
    if not AMOUNT.fullmatch(text):
        raise BrokenRuleError(f"{field.name} is a number without exponent or sign")
    amount = Decimal(text)
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
