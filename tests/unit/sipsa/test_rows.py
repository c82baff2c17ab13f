"""An item becomes one line of staging, value by value, or names the rule that it breaks."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.sipsa.contract import CITY_PRICES, DAILY_MARKET_PRICES, MONTHLY_SUPPLY, WEEKLY_MARKET_PRICES, Operation
from mercado.sipsa.parsing import Items
from mercado.sipsa.rows import BrokenRule, RowReader
from mercado.warehouse.copying import NULL

UNESCAPED = {"t": "\t", "n": "\n", "r": "\r"}
LATEST = date(2026, 9, 11)
CITY = {
    "ciudad": "CÚCUTA",
    "codProducto": "16",
    "fechaCaptura": "2026-09-10T00:00:00-05:00",
    "fechaCreacion": "2026-09-11T12:00:01-05:00",
    "precioPromedio": "3500.50",
    "producto": "Guayaba*",
    "regId": "694559",
}
WEEKLY = {
    "artiId": "247",
    "artiNombre": "Huevo rojo AA",
    "fechaIni": "2025-11-01T00:00:00-05:00",
    "fuenId": "29",
    "fuenNombre": "Armenia, Mercar",
    "maximoKg": "430",
    "minimoKg": "410",
    "promedioKg": "420",
}


def read(operation: Operation, texts: dict[str, str]) -> dict[str, str]:
    """Return the values of an item's line by column."""
    reader = RowReader(operation, latest=LATEST)
    ((day, line),) = reader.lines(one(texts))  # type: ignore[misc]
    values = dict(zip(reader.columns, line.split("\t"), strict=True))
    assert values[operation.day] == day
    return values


def broken_rule(operation: Operation, texts: dict[str, str]) -> str:
    """Return the rule that an item breaks."""
    (broken,) = RowReader(operation, latest=LATEST).lines(one(texts))
    assert isinstance(broken, BrokenRule)
    return broken.rule


def one(texts: dict[str, str]) -> Items:
    return Items(1, tuple(texts), [tuple(texts.values())])


def test_a_city_price_keeps_its_texts_and_digits_and_gets_its_code_and_names() -> None:
    assert read(CITY_PRICES, CITY) == {
        "city_name": "CÚCUTA",
        "product_code": "16",
        "capture_date": "2026-09-10",
        "published_at_utc": "2026-09-11T12:00:01-05:00",
        "average_price_cop_per_kg": "3500.50",
        "product_name": "Guayaba*",
        "reg_id": "694559",
        "price_unit": "kg",
        "city_code": "54001",
        "city_name_normalised": "San José de Cúcuta",
        "product_name_normalised": "Guayaba",
    }


def test_what_is_absent_is_null_where_it_may_be() -> None:
    row = read(WEEKLY_MARKET_PRICES, WEEKLY)
    assert [name for name, value in row.items() if value == NULL] == [
        "published_at_utc",
        "collection_code",
        "record_id",
    ]


@pytest.mark.parametrize(
    ("product", "unit"),
    [("Huevo rojo AA", "unit"), ("Aceite girasol", "litre"), ("Vinagre", "litre"), ("Papa criolla limpia", "kg")],
)
def test_eggs_are_priced_per_unit_and_oil_per_litre(product: str, unit: str) -> None:
    assert read(WEEKLY_MARKET_PRICES, WEEKLY | {"artiNombre": product})["price_unit"] == unit


def test_a_day_is_the_one_written_whatever_its_zone() -> None:
    for zone in ("-05:00", "Z", "+14:00", ""):
        row = read(CITY_PRICES, CITY | {"fechaCaptura": f"2026-09-10T00:00:00{zone}"})
        assert row["capture_date"] == "2026-09-10"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"precioPromedio": "0"}, "precioPromedio above 0"),
        ({"precioPromedio": "-5"}, "number without exponent or sign"),
        ({"precioPromedio": "1e9"}, "number without exponent or sign"),
        ({"precioPromedio": "NaN"}, "number without exponent or sign"),
        ({"precioPromedio": "100000001"}, "at most 100,000,000"),
        ({"fechaCaptura": "2026-02-30T00:00:00-05:00"}, "day of the calendar"),
        ({"fechaCaptura": "10/09/2026"}, "YYYY-MM-DD first"),
        ({"fechaCaptura": "2026-09-12T00:00:00-05:00"}, "day between 2000-01-01 and 2026-09-11"),
        ({"fechaCaptura": "1999-12-31T00:00:00-05:00"}, "day between 2000-01-01"),
        ({"fechaCreacion": "yesterday"}, "instant, ISO 8601"),
        ({"fechaCreacion": "2026-09-11T12:00:01"}, "with its zone"),
        ({"codProducto": "16.5"}, "whole number"),
        ({"ciudad": "  "}, "ciudad is not empty"),
        ({"producto": "Huevo rojo A"}, "sold by the kilogram, not by the unit"),
    ],
)
def test_a_broken_rule_is_named(changes: dict[str, str], rule: str) -> None:
    assert rule in broken_rule(CITY_PRICES, CITY | changes)


@pytest.mark.parametrize("name", ["ciudad", "codProducto", "fechaCaptura", "precioPromedio", "producto"])
def test_a_required_field_that_is_absent_is_named(name: str) -> None:
    assert broken_rule(CITY_PRICES, {key: value for key, value in CITY.items() if key != name}) == f"{name} is present"


@pytest.mark.parametrize("prices", [{"minimoKg": "421"}, {"maximoKg": "419"}, {"minimoKg": "431", "promedioKg": "430"}])
def test_minimum_mean_and_maximum_are_in_order(prices: dict[str, str]) -> None:
    assert broken_rule(WEEKLY_MARKET_PRICES, WEEKLY | prices) == "min_price_cop <= mean_price_cop <= max_price_cop"


@pytest.mark.parametrize("code", ["5001", "050010", "5001x", ""])
def test_a_municipality_has_five_digits(code: str) -> None:
    texts = {field.name: "1" for field in DAILY_MARKET_PRICES.fields} | {"enmaFecha": "2026-09-10T00:00:00-05:00"}
    assert read(DAILY_MARKET_PRICES, texts | {"muniId": "05001"})["municipality_code"] == "05001"
    assert "DIVIPOLA code of five digits" in broken_rule(DAILY_MARKET_PRICES, texts | {"muniId": code})


def test_nothing_may_have_come_to_a_market() -> None:
    texts = {**WEEKLY, "fechaMesIni": "2026-07-01T00:00:00-05:00", "cantidadTon": "0"}
    assert read(MONTHLY_SUPPLY, texts)["supply_tonnes"] == "0"


def test_each_item_of_many_has_its_own_line_or_rule() -> None:
    names = tuple(CITY)
    rows = [tuple((CITY | {"precioPromedio": price}).values()) for price in ("1", "0", "2", "-1", "0")]
    read_in_order = list(RowReader(CITY_PRICES, latest=LATEST).lines(Items(1, names, rows)))
    assert [isinstance(each, BrokenRule) for each in read_in_order] == [False, True, False, True, True]
    assert read_in_order[1] == read_in_order[4] != read_in_order[3]


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1).filter(str.strip))
def test_any_text_is_one_value_of_one_line(text: str) -> None:
    value = read(WEEKLY_MARKET_PRICES, WEEKLY | {"artiNombre": text})["product_name"]
    assert not {"\t", "\n", "\r"} & set(value)
    assert re.sub(r"\\(.)", lambda found: UNESCAPED.get(found[1], found[1]), value) == text
