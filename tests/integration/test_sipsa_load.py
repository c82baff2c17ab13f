"""A raw answer into PostgreSQL: merged, revised, rejected row by row, and never half."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from mercado.errors import RejectedRowsError, SourceContractError
from mercado.sipsa.contract import CITY_PRICES, OPERATIONS, ColumnKind, Operation, XsdType
from mercado.sipsa.load import LoadedAnswer
from mercado.sipsa.seen_names import unmapped_names
from mercado.warehouse.loads import MergeCounts
from tests.integration.sipsa_loads import load_document
from tests.unit.sipsa.documents import answer, item

LATEST = date(2026, 9, 11)


def city_item(position: int, **changes: str) -> str:
    texts = {
        "ciudad": "CÚCUTA",
        "codProducto": str(position),
        "fechaCaptura": "2026-09-10T00:00:00-05:00",
        "precioPromedio": "3500",
        "producto": "Guayaba*",
        "regId": str(690000 + position),
    }
    return item(texts | changes)


def load(
    connection: psycopg.Connection,
    folder: Path,
    items: str,
    *,
    operation: Operation = CITY_PRICES,
    since: date | None = None,
    share: float = 0.01,
    cut: int | None = None,
) -> LoadedAnswer:
    document = answer(operation, items)[:cut]
    return load_document(connection, folder, document, operation, latest=LATEST, since=since, share=share)


def prices(connection: psycopg.Connection, source: str = "sipsa_data.sipsa_prices") -> list[tuple[object, ...]]:
    return connection.execute(
        f"select product_code, average_price_cop_per_kg::int from {source} order by product_code"
    ).fetchall()


def test_the_same_answer_twice_changes_nothing(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    items = "".join(map(city_item, range(100)))
    assert load(sipsa, tmp_path, items).counts == MergeCounts(inserted=100)
    assert load(sipsa, tmp_path, items).counts == MergeCounts(unchanged=100)
    assert len(prices(sipsa)) == 100


def test_a_changed_price_is_updated_and_the_earlier_one_is_still_known_as_of_then(
    sipsa: psycopg.Connection, tmp_path: Path
) -> None:
    load(sipsa, tmp_path, city_item(1) + city_item(2))
    (before,) = sipsa.execute("select clock_timestamp()").fetchone() or ()
    revised = city_item(1, precioPromedio="4000") + city_item(2)
    assert load(sipsa, tmp_path, revised).counts == MergeCounts(updated=1, unchanged=1)
    assert prices(sipsa) == [(1, 4000), (2, 3500)]
    assert prices(sipsa, f"sipsa_data.sipsa_prices_as_known_on('{before}')") == [(1, 3500), (2, 3500)]
    assert prices(sipsa, "sipsa_data.sipsa_prices_as_known_on(now())") == [(1, 4000), (2, 3500)]
    assert prices(sipsa, "sipsa_data.sipsa_prices_as_known_on('2000-01-01')") == []


def test_a_new_record_number_without_a_new_price_is_no_revision(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    load(sipsa, tmp_path, city_item(1))
    assert load(sipsa, tmp_path, city_item(1, regId="7")).counts == MergeCounts(updated=1)
    assert prices(sipsa, "sipsa_data.sipsa_prices_revisions") == []


def test_a_bad_item_is_kept_with_its_place_rule_and_text_and_the_rest_is_loaded(
    sipsa: psycopg.Connection, tmp_path: Path
) -> None:
    items = city_item(1) + city_item(2, precioPromedio="0") + city_item(3) + city_item(3, precioPromedio="9")
    loaded = load(sipsa, tmp_path, items, share=0.5)
    assert (loaded.counts, loaded.tally.rejected) == (MergeCounts(inserted=2), 2)
    rejected = sipsa.execute("select place, rule, raw_text from ops.rejected_rows order by place").fetchall()
    assert [place for place, _, _ in rejected] == ["item 2", "item 4"]
    assert "precioPromedio above 0" in rejected[0][1]
    assert "precioPromedio=0" in rejected[0][2]
    assert rejected[1][1] == "natural key not seen before (item 3 has it)"
    assert sipsa.execute("select rows_read, rows_rejected from ops.loads").fetchall() == [(4, 2)]


def test_too_many_bad_items_change_nothing_and_are_kept_all_the_same(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    load(sipsa, tmp_path, city_item(1))
    items = city_item(1, precioPromedio="4000") + "".join(city_item(n, precioPromedio="0") for n in range(2, 6))
    with pytest.raises(RejectedRowsError, match=r"4 of 5 items break a rule, more than 1.0%.*item 2"):
        load(sipsa, tmp_path, items)
    assert prices(sipsa) == [(1, 3500)]
    assert sipsa.execute("select count(*) from ops.rejected_rows").fetchone() == (4,)
    assert sipsa.execute("select status, rows_rejected from ops.loads order by load_id").fetchall() == [
        ("succeeded", 0),
        ("failed", 4),
    ]


def test_too_many_duplicates_change_nothing_and_are_kept_too(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    with pytest.raises(RejectedRowsError, match=r"2 of 4 items break a rule.*natural key not seen before"):
        load(sipsa, tmp_path, city_item(1) + city_item(2) + city_item(1) * 2)
    assert prices(sipsa) == []
    rejected = sipsa.execute("select place, rule from ops.rejected_rows order by place").fetchall()
    assert [place for place, _ in rejected] == ["item 3", "item 4"]


def test_an_answer_that_breaks_off_changes_nothing(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    with pytest.raises(SourceContractError):
        load(sipsa, tmp_path, "".join(map(city_item, range(5000))), cut=400_000)
    assert prices(sipsa) == []
    assert sipsa.execute("select count(*) from sipsa_data.sipsa_prices_staging").fetchone() == (0,)


def test_rows_before_the_first_day_wanted_are_left_out_and_counted(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    items = city_item(1, fechaCaptura="2022-12-31T00:00:00-05:00") + city_item(2)
    loaded = load(sipsa, tmp_path, items, since=date(2023, 1, 1))
    assert (loaded.counts, loaded.tally.left_out) == (MergeCounts(inserted=1), 1)
    assert prices(sipsa) == [(2, 3500)]


def test_names_in_no_table_are_listed_until_they_are_gone_from_it(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    items = city_item(1, producto="Fruta desconocida *") + city_item(2, ciudad="ATLANTIS") + city_item(3)
    loaded = load(sipsa, tmp_path, items)
    assert loaded.counts.inserted == 3
    assert loaded.unmapped[::-1] == unmapped_names(sipsa)
    assert [str(each) for each in loaded.unmapped] == ["city 'ATLANTIS'", "product 'Fruta desconocida *'"][::-1]
    shown = sipsa.execute("select canonical from sipsa_data.names where not is_mapped order by kind").fetchall()
    assert shown == [("ATLANTIS",), ("Fruta desconocida",)]
    assert load(sipsa, tmp_path, city_item(3)).unmapped == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_has_its_tables(sipsa: psycopg.Connection, tmp_path: Path, operation: Operation) -> None:
    items = item(_texts(operation, amount="10"))
    assert load(sipsa, tmp_path, items, operation=operation).counts == MergeCounts(inserted=1)
    assert load(sipsa, tmp_path, items, operation=operation).counts == MergeCounts(unchanged=1)
    revised = item(_texts(operation, amount="11"))
    assert load(sipsa, tmp_path, revised, operation=operation).counts == MergeCounts(updated=1)
    known = SQL("select count(*) from {}(now())").format(Identifier("sipsa_data", f"{operation.table}_as_known_on"))
    assert sipsa.execute(known).fetchone() == (1,)


def _texts(operation: Operation, *, amount: str) -> dict[str, str]:
    """Return a text for every field of an item."""
    texts = {ColumnKind.AMOUNT: amount, ColumnKind.MUNICIPALITY: "05001", ColumnKind.TEXT: "Papa"}
    days = {XsdType.DATE_TIME: "2026-09-01T00:00:00-05:00"}
    return {field.name: days.get(field.xsd_type) or texts.get(field.kind, "1") for field in operation.fields}
