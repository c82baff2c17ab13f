"""Rows as XML text: what never changes is written once, and a whole period is filled in with one ``%``."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from mercado.sipsa.contract import ITEM, XsdType
from tests.simulators.sipsa.datasets import Dataset
from tests.simulators.sipsa.drift import ServedField
from tests.simulators.sipsa.series import Series

_DAY: Final = "\x01"
_CREATED: Final = "\x02"
_NUMBER: Final = "%s"
_NEW_TEXTS: Final = {
    XsdType.STRING: "nuevo",
    XsdType.DECIMAL: "1",
    XsdType.DATE_TIME: "2026-01-01T00:00:00-05:00",
}


class RowTemplate:
    """The rows of a dataset's periods, with places for the days and the numbers.

    Args:
        dataset: Whose rows they are.
        fields: As they are served.
        series: One for each row of a period.
        numbers: Names of the fields that are filled in with numbers.
    """

    def __init__(
        self, dataset: Dataset, fields: Sequence[ServedField], series: Sequence[Series], numbers: frozenset[str]
    ) -> None:
        self._dataset = dataset
        self._names = [field.source for field in fields if field.source in numbers]
        self._numbers = numbers
        self._rows = [f"<{ITEM}>{''.join(self._element(f, s) for f in fields)}</{ITEM}>" for s in series]
        self._all = "".join(self._rows)

    def period(self, day: date, values: Mapping[str, NDArray[np.float64]], *, rows: int) -> str:
        """Return the first ``rows`` rows of the period that starts on ``day``, ``values`` by field and series."""
        text = self._all if rows == len(self._rows) else "".join(self._rows[:rows])
        return self._dated(text, day) % tuple(_numbers(self._matrix(values)[:rows]))

    def row(self, place: int, day: date, values: Mapping[str, NDArray[np.float64]]) -> str:
        """Return one row of the period that starts on ``day``."""
        return self._dated(self._rows[place], day) % tuple(_numbers(self._matrix(values)[place]))

    def rows(self, day: date, values: Mapping[str, NDArray[np.float64]], *, rows: int) -> list[str]:
        """Return what `period` does, row by row."""
        matrix = self._matrix(values)
        return [self._dated(row, day) % tuple(_numbers(matrix[place])) for place, row in enumerate(self._rows[:rows])]

    def _matrix(self, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        if not self._names:
            return np.empty((len(self._rows), 0))
        return np.column_stack([values[name] for name in self._names if name])

    def _dated(self, text: str, day: date) -> str:
        if self._dataset.created is not None:
            text = text.replace(_CREATED, self._dataset.created(day))
        return text.replace(_DAY, f"{day}T00:00:00-05:00")

    def _element(self, field: ServedField, series: Series) -> str:
        text = self._text(field, series)
        return "" if text is None else f"<{field.name}>{text}</{field.name}>"

    def _text(self, field: ServedField, series: Series) -> str | None:
        match field.source:
            case None:
                return _NEW_TEXTS[field.xsd_type]
            case self._dataset.day_field:
                return _DAY
            case name if name in self._numbers:
                return _NUMBER
            case "fechaCreacion" if self._dataset.created is not None:
                return _CREATED
            case name:
                text = series.texts.get(name)
                return None if text is None else escape(text).replace("%", "%%")


def _numbers(matrix: NDArray[np.float64]) -> list[int | str]:
    """Return the numbers as what ``%s`` writes well: most are whole, and whole numbers are written fastest."""
    flat = matrix.ravel()
    whole = flat.astype(np.int64)
    numbers: list[int | str] = [*whole.tolist()]
    for place in np.flatnonzero(flat != whole).tolist():
        numbers[place] = f"{flat[place]:.10g}"
    return numbers
