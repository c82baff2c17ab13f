"""Real answers of the service, through the whole load: every field, every day and every unit as DANE means them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from lxml import etree
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from mercado.sipsa.contract import (
    CITY_PRICES,
    DAILY_MARKET_PRICES,
    MONTHLY_FARM_INPUTS,
    MONTHLY_MARKET_PRICES,
    MONTHLY_SUPPLY,
    WEEKLY_MARKET_PRICES,
    Operation,
)
from mercado.warehouse.loads import MergeCounts
from tests.conftest import SAMPLES
from tests.integration.sipsa_loads import load_document
from tests.unit.sipsa.documents import answer

REAL = SAMPLES / "sipsa"
pytestmark = pytest.mark.skipif(not REAL.exists(), reason="The real answers are not beside the repository.")
TODAY = date(2026, 11, 1)
# Of the examples in DANE's guide, one per operation, what must be stored beyond the texts themselves.
GUIDE = {
    MONTHLY_SUPPLY: {
        "month_start_date": date(2016, 10, 1),
        "supply_tonnes": 77,
        "product_name_normalised": "Basa",
        "published_at_utc": None,
        "record_id": None,
    },
    MONTHLY_FARM_INPUTS: {
        "month_start_date": date(2014, 12, 1),
        "municipality_code": "05001",
        "average_price_cop": 20366,
        "collection_type_code": 4,
        "record_id": None,
    },
    WEEKLY_MARKET_PRICES: {
        "week_start_date": date(2018, 1, 6),
        "min_price_cop": 700,
        "mean_price_cop": 733,
        "max_price_cop": 800,
        "price_unit": "kg",
    },
    DAILY_MARKET_PRICES: {
        "survey_date": date(2017, 3, 29),
        "municipality_code": "47001",
        "max_price_cop": Decimal("1666.67"),
        "product_number": 10,
        "price_unit": "kg",
    },
    CITY_PRICES: {
        "capture_date": date(2017, 11, 23),
        "city_code": "54001",
        "city_name": "CÚCUTA",
        "average_price_cop_per_kg": 2083,
        "published_at_utc": datetime(2017, 11, 23, 19, tzinfo=UTC),
    },
    MONTHLY_MARKET_PRICES: {"month_start_date": date(2018, 1, 6), "collection_code": 56, "record_id": 212186},
}


def stored(connection: psycopg.Connection, operation: Operation) -> list[dict[str, object]]:
    table = Identifier("sipsa_data", operation.table)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            SQL("select * from {} order by {}").format(table, Identifier(operation.key[0]))
        ).fetchall()


@pytest.mark.parametrize("operation", GUIDE, ids=lambda operation: operation.name)
def test_the_guides_examples_are_stored_whole(sipsa: psycopg.Connection, tmp_path: Path, operation: Operation) -> None:
    example = etree.parse(REAL / "dane_doc_2020_examples.xml").find(f"op[@name='{operation.name}']/return")
    item = etree.tostring(example, encoding="unicode", with_tail=False)
    loaded = load_document(sipsa, tmp_path, answer(operation, item), operation, latest=TODAY)
    assert (loaded.counts, loaded.unmapped) == (MergeCounts(inserted=1), [])
    (row,) = stored(sipsa, operation)
    assert {column: row[column] for column in GUIDE[operation]} == GUIDE[operation]
    for field in operation.columns:
        if field.kind.value in ("text", "char(5)"):
            assert row[field.column or ""] == example.findtext(field.name)


def test_a_weekly_answer_has_its_egg_per_unit_and_its_oil_per_litre(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    document = (REAL / "sipsa_semanal.xml").read_bytes()
    loaded = load_document(sipsa, tmp_path, document, WEEKLY_MARKET_PRICES, latest=TODAY)
    assert loaded.counts == MergeCounts(inserted=3)
    rows = stored(sipsa, WEEKLY_MARKET_PRICES)
    read = [(row["product_name"], row["mean_price_cop"], row["price_unit"], row["week_start_date"]) for row in rows]
    assert read == [
        ("Papa criolla limpia", 5104, "kg", date(2026, 10, 3)),
        ("Huevo rojo AA", 420, "unit", date(2025, 11, 1)),
        ("Aceite girasol", 18605, "litre", date(2025, 11, 1)),
    ]
    assert {(row["published_at_utc"], row["record_id"]) for row in rows} == {(None, None)}


def test_a_city_price_is_stored_on_the_day_it_was_captured(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    item = (REAL / "ciudad_one_real_return.xml").read_text(encoding="utf-8")
    load_document(sipsa, tmp_path, answer(CITY_PRICES, item), CITY_PRICES, latest=TODAY)
    (row,) = stored(sipsa, CITY_PRICES)
    assert (row["capture_date"], row["average_price_cop_per_kg"], row["reg_id"]) == (date(2026, 9, 10), 3500, 694559)
    assert (row["city_name_normalised"], row["city_code"], row["product_name_normalised"]) == (
        "Manizales",
        "17001",
        "Guayaba",
    )
