"""Promises of `mercado.sipsa.parsing`: what was written comes back, in order, or the place that is wrong is named."""

import gzip
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mercado.errors import SourceContractError
from mercado.sipsa.contract import CITY_PRICES, OPERATIONS, WEEKLY_MARKET_PRICES, Operation
from mercado.sipsa.parsing import BLOCK_BYTES, LONGEST_ITEM_BYTES, read_items
from tests.conftest import SAMPLES
from tests.unit.sipsa.documents import answer, envelope, fault, item, texts_of

REAL = SAMPLES / "sipsa"
EGG = {"artiId": "247", "artiNombre": "Huevo rojo", "promedioKg": "420"}
# What XML can carry at all.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")) | (
    st.text("<>&'\"\n\t\r\u00e1 ]")
)
NAMES = st.sampled_from([field.name for field in WEEKLY_MARKET_PRICES.fields] + ["calidad"])


def read(document: bytes, operation: Operation = WEEKLY_MARKET_PRICES) -> list[dict[str, str]]:
    return texts_of(read_items(io.BytesIO(document), operation))


@given(st.lists(st.dictionaries(NAMES, TEXTS)))
def test_what_was_written_comes_back(rows: list[dict[str, str]]) -> None:
    document = answer(WEEKLY_MARKET_PRICES, "".join(map(item, rows)))
    assert read(document) == rows


@given(st.text("<>/&;returna1 \x00\n"))
def test_an_item_is_read_as_an_xml_parser_reads_it_or_refused(piece: str) -> None:
    document = answer(WEEKLY_MARKET_PRICES, f"<return><artiId>1</artiId>{piece}</return>")
    try:
        wrapper = etree.fromstring(document)[0][0]
        expected = [{each.tag: "".join(each.itertext()) for each in one} for one in wrapper]
        plain = all(one.tag == "return" and len({each.tag for each in one}) == len(one) for one in wrapper)
    except etree.XMLSyntaxError:
        plain = False
    if plain:
        assert read(document) == expected
    else:
        with pytest.raises(SourceContractError):
            read(document)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_field_that_is_absent_is_absent_and_an_empty_one_empty(operation: Operation) -> None:
    every = {field.name: f"text {place}" for place, field in enumerate(operation.fields)}
    some = dict(list(every.items())[1:-1]) | {operation.fields[2].name: ""}
    document = answer(operation, item(every) + item(some) + "<return></return><return/>")
    assert read(document, operation) == [every, some, {}, {}]


def test_new_fields_are_kept_wherever_they_stand_and_only_the_first_item_with_them_is_read_alone() -> None:
    rows = [{"primero": "0", **EGG, "último": str(place)} for place in range(20_000)]
    document = answer(WEEKLY_MARKET_PRICES, "".join(map(item, rows)))
    assert read(document) == rows
    alone = [items for items in read_items(io.BytesIO(document), WEEKLY_MARKET_PRICES) if len(items.rows) == 1]
    assert len(alone) == 1


def test_items_longer_than_a_block_keep_their_order() -> None:
    rows = [EGG | {"artiNombre": "ñ" * length} for length in (10, BLOCK_BYTES, 3, BLOCK_BYTES // 3, 7)]
    assert read(answer(WEEKLY_MARKET_PRICES, "".join(map(item, rows)))) == rows


def test_white_space_comments_and_cdata_are_read_as_xml() -> None:
    name = "<!-- <x>1</x> --><artiNombre><![CDATA[<Huevo>]]> rojo</artiNombre>"
    items = f"\n <return>\n <artiId>247</artiId>{name}</return>\n"
    assert read(answer(WEEKLY_MARKET_PRICES, items)) == [{"artiId": "247", "artiNombre": "<Huevo> rojo"}]


def test_an_answer_without_items_has_none() -> None:
    assert read(answer(CITY_PRICES, ""), CITY_PRICES) == []


def test_a_gzip_file_is_read_from_its_path(tmp_path: Path) -> None:
    file = tmp_path / "answer.xml.gz"
    file.write_bytes(gzip.compress(answer(WEEKLY_MARKET_PRICES, item(EGG))))
    assert texts_of(read_items(file, WEEKLY_MARKET_PRICES)) == [EGG]


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(answer(WEEKLY_MARKET_PRICES, item(EGG) * 9))[:-20]])
def test_a_file_that_is_no_whole_gzip_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "answer.xml.gz"
    file.write_bytes(content)
    with pytest.raises(SourceContractError, match=r"answer\.xml\.gz: expected a whole gzip file"):
        list(read_items(file, WEEKLY_MARKET_PRICES))


def test_memory_does_not_grow_with_the_answer(tmp_path: Path) -> None:
    file = tmp_path / "answer.xml.gz"
    file.write_bytes(gzip.compress(answer(WEEKLY_MARKET_PRICES, item(EGG) * 60_000)))
    tracemalloc.start()
    assert sum(len(items.rows) for items in read_items(file, WEEKLY_MARKET_PRICES)) == 60_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


GOOD = item(EGG)
WRONG = {
    "malformed": (answer(WEEKLY_MARKET_PRICES, GOOD * 2 + "<return><artiId>1</return>"), "after item 2: malformed"),
    "cut in an item": (answer(WEEKLY_MARKET_PRICES, GOOD * 2)[:-150], "after item 1: malformed or cut"),
    "cut after an item": (answer(WEEKLY_MARKET_PRICES, GOOD).partition(b"</n:")[0], "after item 1: malformed or cut"),
    "cut in the opening": (answer(WEEKLY_MARKET_PRICES, GOOD)[:60], "after item 0: expected"),
    "empty": (b"", "expected a SOAP 1.2 envelope"),
    "a web page": (b"<html><body>hello</body></html>", "expected a SOAP 1.2 envelope"),
    "a fault": (fault("Receiver", "ORA-12541: no listener"), r"a SOAP fault \(Receiver\): ORA-12541: no listener"),
    "another answer": (answer(CITY_PRICES, GOOD), "expected .*promediosSipsaSemanaMadrResponse.*got .*Ciudad"),
    "no wrapper": (envelope(GOOD).encode(), "got nothing"),
    "items in a namespace": (
        answer(WEEKLY_MARKET_PRICES, GOOD.replace("return", "n:return")),
        "items, got .*Response / .*return",
    ),
    "a field twice": (answer(WEEKLY_MARKET_PRICES, "<return><a>1</a><a>2</a></return>"), "each field once"),
    "between the items": (
        answer(WEEKLY_MARKET_PRICES, f"{GOOD}<artiId>1</artiId>{GOOD}"),
        "after item 1: expected <ret",
    ),
    "after the items": (answer(WEEKLY_MARKET_PRICES, f"{GOOD}<total>1</total>"), "after item 1: expected <ret"),
    "not UTF-8": (answer(WEEKLY_MARKET_PRICES, GOOD).replace(b"rojo", b"\xf1"), "expected UTF-8"),
    "a document type": (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + envelope("").encode().split(b"?>")[1], "a document type"),
    "an endless item": (
        answer(WEEKLY_MARKET_PRICES, item({"artiId": "1" * 2 * LONGEST_ITEM_BYTES})),
        "no </return> in",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_place_that_is_wrong_is_named(tmp_path: Path, case: str) -> None:
    document, message = WRONG[case]
    file = tmp_path / "answer.xml.gz"
    file.write_bytes(gzip.compress(document))
    with pytest.raises(SourceContractError, match=rf"answer\.xml\.gz, promediosSipsaSemanaMadr.*{message}"):
        list(read_items(file, WEEKLY_MARKET_PRICES))


def test_items_before_the_wrong_place_have_been_yielded() -> None:
    items = read_items(io.BytesIO(WRONG["malformed"][0]), WEEKLY_MARKET_PRICES)
    assert texts_of([next(items)]) == [EGG, EGG]


def test_a_real_weekly_answer_is_read_with_its_egg_and_its_oil() -> None:
    if not REAL.exists():
        pytest.skip("The real answers are not beside the repository.")
    items = read((REAL / "sipsa_semanal.xml").read_bytes())
    assert [texts["promedioKg"] for texts in items] == ["420", "5104", "18605"]
    assert all("tmpMayoSemId" not in texts and len(texts) == 9 for texts in items)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_examples_of_the_guide_have_only_fields_of_the_contract(operation: Operation) -> None:
    if not REAL.exists():
        pytest.skip("The real answers are not beside the repository.")
    guide = etree.parse(REAL / "dane_doc_2020_examples.xml")
    example = guide.find(f"op[@name='{operation.name}']/return")
    (only,) = read(answer(operation, etree.tostring(example, encoding="unicode", with_tail=False)), operation)
    assert only == {field.tag: field.text for field in example}
    assert set(only) <= {field.name for field in operation.fields}
