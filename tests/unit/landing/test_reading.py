"""The whole way from bytes to a document, and what may be wrong with a whole file."""

import pytest

from mercado.errors import RejectedFileError
from mercado.landing.document import Problem
from mercado.landing.reading import read_workbook
from mercado.landing.tables import WEEKLY_PRICES
from tests.unit.landing.builders import daily, supply_sheet, weekly, xlsx

NAME = "anex-SIPSASemanal-25oct31oct-2025.xlsx"


def test_a_workbook_of_another_kind_is_refused_with_what_was_looked_for_and_found() -> None:
    content = xlsx({"1.1": [["Microdato"], ["Ciudad", "Mercado", "Fecha"]], "Hoja2": []})
    with pytest.raises(RejectedFileError) as caught:
        read_workbook(content, "microdato.xlsx")
    message = str(caught.value)
    assert message.startswith('microdato.xlsx: file: expected a daily price workbook (a row with "Precio" and "Var %"')
    assert "'1.1' (Microdato; Ciudad; Mercado), 'Hoja2' (no text in the first rows)" in message
    assert "Its layout is not recognised." in message


def test_an_html_page_named_xls_is_refused_by_name_and_nature() -> None:
    with pytest.raises(RejectedFileError) as caught:
        read_workbook(b"<html><head><title>301 Moved</title>", "mayoristas_junio_12_2012.xls")
    assert str(caught.value) == (
        "mayoristas_junio_12_2012.xls: file: expected an Excel workbook (.xls or .xlsx), found \"an HTML page: b'<html>"
        "<head><title>301 Moved</title>'\". Download the workbook itself from DANE, not a page about it."
    )
    assert [each.place for each in caught.value.problems if isinstance(each, Problem)] == ["file"]


def test_a_workbook_whose_prices_are_hidden_is_refused_and_the_reason_told() -> None:
    with pytest.raises(RejectedFileError, match="'Boletín diario' is hidden and was not read"):
        read_workbook(xlsx({"Hoja1": []} | daily(), hidden=("Boletín diario",)), "x.xlsx")


def test_too_many_rejected_rows_refuse_the_file_with_all_problems() -> None:
    sheets = weekly()
    for name in ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6"):
        sheets[name][11][2] = 0
    with pytest.raises(RejectedFileError) as caught:
        read_workbook(xlsx(sheets), NAME, greatest_rejected_share=0.37)
    assert "6 of 16 rows for mayoristas_prices_weekly are rejected (37.5%; at most 37.0% may be)" in str(caught.value)
    assert "1.5!C12" in str(caught.value)
    assert "1.6!C12" not in str(caught.value)
    assert [each.place for each in caught.value.problems if isinstance(each, Problem)][-1] == "1.6!C12"
    assert len(caught.value.problems) == 6
    assert len(read_workbook(xlsx(sheets), NAME, greatest_rejected_share=0.375).rows[WEEKLY_PRICES]) == 10


def test_few_problems_of_prices_excuse_no_other_table() -> None:
    supply = supply_sheet()
    supply[16][2] = "x"
    with pytest.raises(RejectedFileError, match="1 of 5 rows for mayoristas_supply_weekly are rejected"):
        read_workbook(xlsx(weekly() | {"1.9": supply}), NAME)


def test_a_workbook_without_any_price_is_refused() -> None:
    sheets = daily()
    del sheets["Boletín diario"][4:9]
    with pytest.raises(RejectedFileError, match="at least one row for mayoristas_prices, found 'none'"):
        read_workbook(xlsx(sheets), "x.xlsx")


def test_reading_twice_gives_the_same_document() -> None:
    content = xlsx(weekly() | {"1.9": supply_sheet()})
    assert read_workbook(content, NAME) == read_workbook(content, NAME)
