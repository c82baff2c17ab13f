"""Bad rows: an exact share of an answer's items, each with one defect, the defects by turns."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mercado.sipsa.contract import ColumnKind
from tests.simulators.faults import Defect
from tests.simulators.sipsa.answers import Answer
from tests.simulators.sipsa.datasets import Dataset

_NO_DAY: Final = "2026-02-30T00:00:00-05:00"


def spoilt_pieces(answer: Answer, *, share: float, defects: Sequence[Defect]) -> Iterator[bytes]:
    """Yield the whole answer with ``floor(share * rows)`` bad items, evenly spread.

    A duplicate comes on top of the good row that it repeats; any other bad item stands in a good row's place.
    """
    spoilers = [_spoiler(defect, answer.dataset) for defect in defects]
    yield answer.start
    seen = spoilt = 0
    for rows in answer.rows():
        for index in range(len(rows)):
            seen += 1
            if int(seen * share + 1e-9) > spoilt:
                rows[index] = spoilers[spoilt % len(spoilers)](rows[index])
                spoilt += 1
        yield "".join(rows).encode()
    yield answer.end


def _spoiler(defect: Defect, dataset: Dataset) -> Callable[[str], str]:
    """Return what puts the defect into the text of a row."""
    match defect:
        case "impossible_price":
            return lambda row: _with_text(row, dataset.value_field, "0")
        case "absent_field":
            return lambda row: _without(row, _name_field(dataset))
        case "bad_date":
            return lambda row: _with_text(row, dataset.day_field, _NO_DAY)
        case "duplicate":
            return lambda row: row + row


def _name_field(dataset: Dataset) -> str:
    """Return a required field that is a name."""
    fields = dataset.operation.fields
    return next(field.name for field in fields if field.required and field.kind is ColumnKind.TEXT)


def _with_text(row: str, field: str, text: str) -> str:
    return re.sub(rf"<{field}>[^<]*<", f"<{field}>{text}<", row)


def _without(row: str, field: str) -> str:
    return re.sub(rf"<{field}>[^<]*</{field}>", "", row)
