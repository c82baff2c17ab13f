"""The state of the simulated service: how far its data reach, what was revised, what its contract has become."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from xml.sax.saxutils import unescape

import numpy as np

from mercado.sipsa.contract import Operation
from tests.simulators.sipsa.answers import Answer
from tests.simulators.sipsa.datasets import DATASETS, Dataset
from tests.simulators.sipsa.drift import Drift, ServedField, served_fields
from tests.simulators.sipsa.prices import PriceModel
from tests.simulators.sipsa.rendering import RowTemplate
from tests.simulators.sipsa.revisions import Revision
from tests.simulators.sipsa.series import Series
from tests.simulators.sipsa.windows import Window

_ORDER: Final = 2
_ELEMENT: Final = re.compile(r"<(\w+)>([^<]*)</")


@dataclass
class _Stock:
    """An operation's window, its series in the order in which windows take them, and its revisions."""

    dataset: Dataset
    window: Window
    series: list[Series]
    prices: PriceModel
    template: RowTemplate | None
    revisions: dict[date, dict[int, float]]


class SipsaSource:
    """Answers calls from the seed and from what the controls have changed.

    Args:
        rows: Of each operation's answer now, >= 0.
        seed: Any integer >= 0.
        today: Returns the calendar day in Bogota.
    """

    def __init__(self, *, rows: int, seed: int, today: Callable[[], date]) -> None:
        self._seed = seed
        self._clock_today = today
        self._fixed_today: date | None = None
        self._drifts: list[Drift] = []
        self._stocks = {dataset.operation.name: self._stocked(dataset, rows) for dataset in DATASETS}

    @property
    def description(self) -> str:
        """Return the seed."""
        return f"seed={self._seed}"

    @property
    def today(self) -> date:
        """Return the calendar day in Bogota."""
        return self._fixed_today or self._clock_today()

    def set_today(self, today: date) -> None:
        """Let it be ``today`` from here on, whatever the clock says."""
        self._fixed_today = today

    def set_rows(self, rows: int, *, operation: str | None = None) -> None:
        """Let the answers of ``operation``, or of all, have ``rows`` rows today."""
        for name in self._stocks if operation is None else [operation]:
            stock = self._stocks[name]
            self._stocks[name] = self._stocked(stock.dataset, rows, revisions=stock.revisions)

    def answer(self, operation: str) -> Answer:
        """Return the answer of ``operation`` as of now; later changes leave it alone.

        Raises:
            KeyError: There is no such operation.
        """
        stock = self._stocks[operation]
        if stock.template is None:
            stock.template = self._template(stock)
        revisions = {day: dict(factors) for day, factors in stock.revisions.items()}
        return Answer(stock.dataset, stock.window.on(self.today), stock.template, stock.prices, revisions)

    def rows(self) -> dict[str, int]:
        """Return the number of rows of each operation's answer now."""
        return {name: stock.window.on(self.today).rows for name, stock in self._stocks.items()}

    def revise(self, revision: Revision) -> list[dict[str, Any]]:
        """Revise rows, and return of each its position and its fields before and after.

        Raises:
            IndexError: There are not so many rows.
        """
        before = self.answer(revision.operation)
        positions = revision.picked(before.span.rows)
        stock = self._stocks[revision.operation]
        for position in positions:
            day, place = before.span.locate(position)
            factors = stock.revisions[day]
            factors[place] = factors.get(place, 1.0) * revision.factor
        after = self.answer(revision.operation)
        return [
            {"position": position, "before": _fields(before.row(position)), "after": _fields(after.row(position))}
            for position in positions
        ]

    def clear_revisions(self) -> None:
        """Let all rows be as they were first."""
        for stock in self._stocks.values():
            stock.revisions.clear()

    def drift(self, drift: Drift) -> None:
        """Change the contract."""
        self._drifts.append(drift)
        self._forget_templates()

    def clear_drifts(self) -> None:
        """Go back to the contract."""
        self._drifts.clear()
        self._forget_templates()

    def fields(self, operation: Operation) -> list[ServedField]:
        """Return the fields of ``operation`` as they are served."""
        return served_fields(operation, self._drifts)

    def _forget_templates(self) -> None:
        for stock in self._stocks.values():
            stock.template = None

    def _stocked(self, dataset: Dataset, rows: int, *, revisions: dict[date, dict[int, float]] | None = None) -> _Stock:
        stream = DATASETS.index(dataset)
        series = list(dataset.series())
        order = np.random.default_rng([self._seed, stream, _ORDER]).permutation(len(series))
        series = [series[index] for index in order]
        prices = PriceModel(np.array([one.usual for one in series]), seed=self._seed, stream=stream)
        window = Window.opened(
            dataset.calendar, rows=rows, usual_series=min(dataset.usual_series, len(series)), today=self.today
        )
        kept = defaultdict(dict) if revisions is None else revisions
        return _Stock(dataset, window, series, prices, None, kept)

    def _template(self, stock: _Stock) -> RowTemplate:
        dataset = stock.dataset
        numbers = {"minimoKg", "maximoKg", dataset.value_field, dataset.identifier}
        names = frozenset(name for name in numbers if name is not None)
        series = stock.series[: stock.window.series]
        return RowTemplate(dataset, self.fields(dataset.operation), series, names)


def _fields(row: str) -> dict[str, str]:
    return {name: unescape(text) for name, text in _ELEMENT.findall(row)}
