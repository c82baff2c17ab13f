"""Bad rows and half answers of the simulated SIPSA, without a server."""

from datetime import date
from typing import get_args

import pytest
from lxml import etree

from mercado.sipsa.contract import CITY_PRICES, OPERATIONS
from tests.simulators.faults import Defect
from tests.simulators.sipsa.answers import Answer
from tests.simulators.sipsa.source import SipsaSource
from tests.simulators.sipsa.spoiling import spoilt_pieces


def answer(rows: int, operation: str = CITY_PRICES.name) -> Answer:
    return SipsaSource(rows=rows, seed=7, today=lambda: date(2026, 9, 11)).answer(operation)


def items(text: bytes) -> list[bytes]:
    return [etree.tostring(item) for item in etree.fromstring(text).iter("return")]


@pytest.mark.parametrize("defect", get_args(Defect))
@pytest.mark.parametrize("operation", [operation.name for operation in OPERATIONS])
def test_exactly_the_share_is_bad(operation: str, defect: Defect) -> None:
    good = items(b"".join(answer(1_000, operation).pieces()))
    spoilt = items(b"".join(spoilt_pieces(answer(1_000, operation), share=0.03, defects=[defect])))
    if defect == "duplicate":
        assert len(spoilt) == 1_030
        assert {*spoilt} == {*good}
    else:
        assert len(spoilt) == 1_000
        assert len({*spoilt} - {*good}) == 30


def test_defects_take_turns() -> None:
    spoilt = b"".join(spoilt_pieces(answer(400), share=0.02, defects=get_args(Defect)))
    assert spoilt.count(b"<precioPromedio>0</precioPromedio>") == 2
    assert spoilt.count(b"2026-02-30") == 2
    assert spoilt.count(b"<ciudad>") == len(items(spoilt)) - 2 == 400


@pytest.mark.parametrize("rows", [0, 1, 2, 300, 5_000])
def test_the_halves_are_the_whole(rows: int) -> None:
    pieces = [*answer(rows).pieces_in_halves()]
    assert b"".join(text for _, text in pieces) == b"".join(answer(rows).pieces())
    sides = [is_beyond for is_beyond, _ in pieces]
    assert sides == sorted(sides)
    first = b"".join(text for is_beyond, text in pieces if not is_beyond)
    if rows > 100:
        assert 0.4 < first.count(b"<return>") / rows < 0.6


def test_the_middle_is_inside_an_element() -> None:
    first = b"".join(text for is_beyond, text in answer(300).pieces_in_halves() if not is_beyond)
    assert first.endswith(b"<")
