"""One answer: its rows as they stand when it is asked for, written period by period while it is sent."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mercado.sipsa.contract import NAMESPACE
from tests.simulators.sipsa.datasets import Dataset
from tests.simulators.sipsa.prices import PriceModel
from tests.simulators.sipsa.rendering import RowTemplate
from tests.simulators.sipsa.windows import Span

Revisions = Mapping[date, Mapping[int, float]]
"""By what the prices of a row are multiplied, by the first day of its period and its place there."""

_SOAP_ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
_FIRST_IDENTIFIED: Final = 730_000
_IDENTIFIERS_A_DAY: Final = 2_000


def envelope_start(content: str) -> bytes:
    """Return what comes before the content of a SOAP 1.2 body: ``content`` is the start tag that it begins with."""
    start = f"<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S=\"{_SOAP_ENVELOPE}\"><S:Body>{content}"
    return start.encode()


def envelope_end(content: str) -> bytes:
    """Return what comes after it: ``content`` is the end tag that it ends with."""
    return f"{content}</S:Body></S:Envelope>".encode()


class Answer:
    """The answer to one call.

    Args:
        dataset: Of its operation.
        span: Its rows.
        template: Writes them.
        prices: Their prices.
        revisions: Those that have been revised since.
    """

    def __init__(
        self, dataset: Dataset, span: Span, template: RowTemplate, prices: PriceModel, revisions: Revisions
    ) -> None:
        self.dataset = dataset
        self.span = span
        self._template = template
        self._prices = prices
        self._revisions = revisions
        name = f"ns2:{dataset.operation.name}Response"
        self.start = envelope_start(f'<{name} xmlns:ns2="{NAMESPACE}">')
        self.end = envelope_end(f"</{name}>")

    def without_rows(self) -> "Answer":
        """Return the answer to a question that there are no rows for: an empty wrapper."""
        return Answer(self.dataset, Span([], self.span.series, 0), self._template, self._prices, self._revisions)

    def periods(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number of rows of each period and their text, oldest first."""
        for index, day in enumerate(self.span.days):
            rows = self.span.rows_on(index)
            yield rows, self._template.period(day, self._values(day), rows=rows).encode()

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows of each period, each with a text of its own; slower than `periods`."""
        for index, day in enumerate(self.span.days):
            yield self._template.rows(day, self._values(day), rows=self.span.rows_on(index))

    def row(self, position: int) -> str:
        """Return the text of one row; ``position`` counts from 0, the oldest."""
        day, place = self.span.locate(position)
        return self._template.row(place, day, self._values(day))

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole answer."""
        yield self.start
        for _, text in self.periods():
            yield text
        yield self.end

    def pieces_in_halves(self) -> Iterator[tuple[bool, bytes]]:
        """Yield the whole answer, and of each piece whether it is beyond the middle, which is inside a tag."""
        yield False, self.start
        sent, middle = 0, self.span.rows // 2
        for rows, text in self.periods():
            if sent <= middle < sent + rows:
                half = text.rindex(b"</", 0, len(text) // 2 + 2) + 1
                yield False, text[:half]
                yield True, text[half:]
            else:
                yield sent > middle, text
            sent += rows
        yield True, self.end

    def _values(self, day: date) -> dict[str, NDArray[np.float64]]:
        prices = self._prices.on(day)
        values = {"minimoKg": prices.minimum, "maximoKg": prices.maximum, self.dataset.value_field: prices.mean}
        for place, factor in self._revisions.get(day, {}).items():
            for numbers in values.values():
                numbers[place] = max(round(float(numbers[place]) * factor, 2), 0.01)
        if self.dataset.identifier is not None:
            first = (day.toordinal() - _FIRST_IDENTIFIED) * _IDENTIFIERS_A_DAY
            values[self.dataset.identifier] = np.arange(prices.mean.size, dtype=np.float64) + first
        return values
