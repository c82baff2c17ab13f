"""What the simulated SIPSA answers with, without a server."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from lxml import etree

from mercado.sipsa.contract import CITY_PRICES, DAILY_MARKET_PRICES, OPERATIONS, WEEKLY_MARKET_PRICES, Operation
from tests.simulators.sipsa.drift import Drift
from tests.simulators.sipsa.revisions import Revision
from tests.simulators.sipsa.source import SipsaSource

TODAY = date(2026, 9, 11)
NAMES = [operation.name for operation in OPERATIONS]
Item = dict[str, str]
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)


def source(rows: int = 900, *, seed: int = 7, today: Callable[[], date] = lambda: TODAY) -> SipsaSource:
    return SipsaSource(rows=rows, seed=seed, today=today)


def text(service: SipsaSource, operation: str) -> bytes:
    return b"".join(service.answer(operation).pieces())


def items(service: SipsaSource, operation: str) -> list[Item]:
    found = etree.fromstring(text(service, operation)).iter("return")
    return [{field.tag: field.text or "" for field in item} for item in found]


def key_of(operation: Operation) -> Callable[[Item], tuple[str, ...]]:
    names = [field.name for column in operation.key for field in operation.columns if field.column == column]
    return lambda item: tuple(item[name] for name in names)


def days_of(operation: Operation, rows: list[Item]) -> list[date]:
    name = next(field.name for field in operation.fields if field.column == operation.day)
    return [date.fromisoformat(row[name].removesuffix("T00:00:00-05:00")) for row in rows]


@every_operation
@pytest.mark.parametrize("rows", [0, 1, 59, 2_000])
def test_an_answer_has_exactly_the_rows_that_were_asked_for(operation: Operation, rows: int) -> None:
    service = source(rows)
    assert len(items(service, operation.name)) == rows == service.rows()[operation.name]


@every_operation
def test_natural_keys_are_unique_and_required_fields_present(operation: Operation) -> None:
    rows = items(source(6_000), operation.name)
    assert len({*map(key_of(operation), rows)}) == 6_000
    required = {field.name for field in operation.fields if field.required}
    order = [field.name for field in operation.fields]
    assert required <= set.intersection(*({*row} for row in rows))
    assert all([*row] == [name for name in order if name in row] for row in rows)


@every_operation
def test_the_seed_decides_everything(operation: Operation) -> None:
    assert text(source(seed=3), operation.name) == text(source(seed=3), operation.name)
    assert text(source(seed=3), operation.name) != text(source(seed=4), operation.name)


@every_operation
def test_prices_are_whole_pesos_or_centavos_in_order(operation: Operation) -> None:
    for row in items(source(), operation.name):
        if "minimoKg" in row:
            low, mean, high = (Decimal(row[name]) for name in ("minimoKg", "promedioKg", "maximoKg"))
            assert 0 < low <= mean <= high < 200_000
            assert mean == int(mean)


def test_prices_move_smoothly_over_days() -> None:
    rows = items(source(3_000), CITY_PRICES.name)
    price = {key_of(CITY_PRICES)(row): Decimal(row["precioPromedio"]) for row in rows}
    days = sorted({key[2] for key in price})
    changes = [
        abs(price[code, city, later] / price[code, city, earlier] - 1)
        for earlier, later in pairwise(days)
        for code, city, day in price
        if day == earlier and (code, city, later) in price
    ]
    assert len(changes) > 2_000
    assert 0 < max(changes) < Decimal("0.15")


def test_an_item_is_in_the_services_own_wire_form() -> None:
    answer = text(source(1), CITY_PRICES.name).decode()
    start = (
        "<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S=\"http://www.w3.org/2003/05/soap-envelope\"><S:Body>"
        '<ns2:promediosSipsaCiudadResponse xmlns:ns2="http://servicios.sipsa.co.gov.dane/"><return><ciudad>'
    )
    assert answer.startswith(start)
    assert "<fechaCaptura>2026-09-10T00:00:00-05:00</fechaCaptura>" in answer
    assert "<fechaCreacion>2026-09-11T12:00:01-05:00</fechaCreacion>" in answer
    assert answer.endswith("</return></ns2:promediosSipsaCiudadResponse></S:Body></S:Envelope>")
    assert "\n" not in answer


def test_a_weekly_item_lacks_the_fields_that_the_service_leaves_out() -> None:
    for row in items(source(100), WEEKLY_MARKET_PRICES.name):
        assert not {"enviado", "fechaCreacion", "tmpMayoSemId"} & {*row}


def test_weekly_answers_cover_twelve_months_of_saturdays() -> None:
    days = {*days_of(WEEKLY_MARKET_PRICES, items(source(5_200), WEEKLY_MARKET_PRICES.name))}
    assert len(days) == 52
    assert {day.weekday() for day in days} == {5}


def test_eggs_cost_hundreds_and_oil_thousands() -> None:
    mean = {row["artiNombre"]: int(row["promedioKg"]) for row in items(source(9_000), WEEKLY_MARKET_PRICES.name)}
    assert 200 < mean["Huevo rojo AA"] < 1_000
    assert 8_000 < mean["Aceite girasol"] < 40_000


def test_a_new_day_adds_rows_and_leaves_the_others_alone() -> None:
    service = source(900)
    before = items(service, DAILY_MARKET_PRICES.name)
    service.set_today(date(2026, 9, 12))
    after = items(service, DAILY_MARKET_PRICES.name)
    assert after[:900] == before
    assert {*days_of(DAILY_MARKET_PRICES, after[900:])} == {date(2026, 9, 11)}
    assert len(after) == 930


def test_a_new_week_pushes_the_oldest_one_out() -> None:
    service = source(900)
    before = items(service, WEEKLY_MARKET_PRICES.name)
    service.set_today(date(2026, 9, 18))
    after = items(service, WEEKLY_MARKET_PRICES.name)
    assert len(after) == 900
    assert min(days_of(WEEKLY_MARKET_PRICES, after)) > min(days_of(WEEKLY_MARKET_PRICES, before))


@every_operation
def test_a_revision_changes_the_prices_of_its_rows_only(operation: Operation) -> None:
    service = source(300)
    before = items(service, operation.name)
    revised = service.revise(Revision(operation=operation.name, rows=5, factor=1.5))
    after = items(service, operation.name)
    changed = [position for position in range(300) if before[position] != after[position]]
    assert changed == [entry["position"] for entry in revised]
    assert len(changed) == 5
    assert [entry["before"] for entry in revised] == [before[position] for position in changed]
    assert [entry["after"] for entry in revised] == [after[position] for position in changed]
    assert {*map(key_of(operation), before)} == {*map(key_of(operation), after)}
    service.clear_revisions()
    assert items(service, operation.name) == before


def test_a_revision_stays_with_its_row_when_days_go_by_and_rows_are_added() -> None:
    service = source(6_000)
    [entry] = service.revise(Revision(operation=CITY_PRICES.name, positions=(5_999,), factor=2))
    service.set_today(date(2026, 10, 1))
    service.set_rows(9_000)
    assert entry["after"] in items(service, CITY_PRICES.name)
    assert entry["before"] not in items(service, CITY_PRICES.name)


def test_a_row_that_is_not_there_is_not_revised() -> None:
    with pytest.raises(IndexError, match="has 10 rows"):
        source(10).revise(Revision(operation=CITY_PRICES.name, positions=(10,)))


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"change": "remove", "field": "producto"}, {"removed": "producto"}),
        ({"change": "rename", "field": "producto", "to": "articulo"}, {"removed": "producto", "added": "articulo"}),
        ({"change": "add", "field": "unidad", "xsd_type": "string"}, {"added": "unidad"}),
        ({"change": "retype", "field": "regId", "xsd_type": "string"}, {}),
    ],
)
def test_drift_reaches_the_answers_and_can_be_undone(change: dict[str, Any], names: dict[str, str]) -> None:
    service = source(10)
    service.drift(Drift.model_validate({"operation": CITY_PRICES.name, **change}))
    expected = {field.name for field in CITY_PRICES.fields} - {names.get("removed")} | {names.get("added")} - {None}
    assert all({*row} == expected for row in items(service, CITY_PRICES.name))
    service.clear_drifts()
    assert text(service, CITY_PRICES.name) == text(source(10), CITY_PRICES.name)
