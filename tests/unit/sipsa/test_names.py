"""Names: every real spelling finds its one name, nothing ambiguous is guessed, a wrong table is refused."""

import csv
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.errors import ConfigurationError
from mercado.sipsa.names import (
    Name,
    city_code,
    normalised_city,
    normalised_market,
    normalised_product,
    product_group,
    simplified,
    tables,
)
from tests.conftest import SAMPLES

SIPSA = SAMPLES / "sipsa"
MICRODATA = SIPSA / "sipsa_monthly_microdata_2013_2025.parquet"
TABLES = {"products": tables.products, "markets": tables.markets, "cities": tables.cities}
DEPARTMENT_CAPITAL = "001"  # the last three digits of its code


def sample(name: str) -> Path:
    path = SIPSA / name
    if not path.exists():
        pytest.skip(f"the sample {name} is not on this machine")
    return path


@cache
def municipalities() -> dict[str, dict[str, str]]:
    """Return DIVIPOLA's municipalities by code."""
    text = sample("DIVIPOLA_Municipios.csv").read_text(encoding="latin-1")
    return {row["muniId"]: row for row in csv.DictReader(text.splitlines(), delimiter=";")}


def distinct(column: str) -> list[str]:
    """Return the values of a column of the real monthly prices."""
    values = pq.read_table(sample(MICRODATA.name), columns=[column]).column(column).unique().to_pylist()
    assert values
    return [str(value) for value in values]


def answered(name: str, field: str) -> list[str]:
    """Return the values of a field in the service's real answers."""
    values = [element.text or "" for element in ET.parse(sample(name)).iter(field)]  # noqa: S314 - our own sample
    assert values
    return values


@given(st.text())
def test_simplifying_twice_changes_nothing(text: str) -> None:
    assert simplified(simplified(text)) == simplified(text)


@given(st.text(alphabet="aeioun cñáéíóúü"), st.integers(0, 3))
def test_case_and_stars_and_white_space_never_tell_two_names_apart(text: str, stars: int) -> None:
    disguised = "\n " + text.upper().replace(" ", "  \n") + "*" * stars
    assert simplified(disguised) == simplified(text)


@given(st.text(min_size=1))
def test_an_unknown_name_is_shown_as_it_came_without_stars_and_superfluous_space(text: str) -> None:
    name = normalised_product(f"qqq {text}")
    assert name == Name(" ".join(f"qqq {text}".replace("*", " ").split()), known=False)


@pytest.mark.parametrize("kind", TABLES)
def test_every_line_of_a_table_leads_to_a_canonical_name_that_leads_to_itself(kind: str) -> None:
    lines = TABLES[kind]()
    assert lines
    for name, entry in lines.items():
        assert name == simplified(name)
        assert lines[simplified(entry.canonical)] == entry


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Papa  negra*", "Papa negra"),
        ("Guayaba* ", "Guayaba"),
        ("PAPA CRIOLLA LIMPIA", "Papa criolla limpia"),
        ("Papa Criolla Limpia", "Papa criolla limpia"),
        ("BASA, ENTERO CONGELADO IMPORTADO", "Basa, entero congelado importado"),
        ("NAME ESPINO", "Ñame espino"),
        ("Papa R-12 negra", "Papa R-12 negra"),
        ("Tanjelo", "Tangelo"),
    ],
)
def test_a_product_has_one_name_whatever_its_spelling(written: str, canonical: str) -> None:
    assert normalised_product(written) == Name(canonical, known=True)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Bogotá, D,C,, Corabastos", "Bogotá, D.C., Corabastos"),
        ("BOGOTA, D.C., CORABASTOS", "Bogotá, D.C., Corabastos"),
        ("Bogotá, Corabastos", "Bogotá, D.C., Corabastos"),
        ("BOGOTA, D.C., FRIGORIFICO BLE LTDA,", "Bogotá, D.C., Frigorífico Ble Ltda."),
        ("Cali, Santa Helena", "Cali, Santa Elena"),
        ("Pereira, La 41", "Pereira, La 41-Impala"),
        ("Ibagué, \nLa 21", "Ibagué, Plaza La 21"),
        ("San Gil (Santander)panela", "San Gil (Santander), panela"),
        ("Ipiales, Centro de Acopio**", "Ipiales (Nariño), Centro de acopio"),
        ("San Vicente (Antioquia)", "San Vicente Ferrer (Antioquia)"),
    ],
)
def test_a_market_has_one_name_whatever_its_spelling(written: str, canonical: str) -> None:
    assert normalised_market(written) == Name(canonical, known=True)


def test_two_markets_of_one_town_stay_two_markets() -> None:
    assert normalised_market("San Gil (Santander)") != normalised_market("San Gil (Santander), panela")


@pytest.mark.parametrize(
    ("written", "canonical", "code"),
    [
        ("CÚCUTA", "San José de Cúcuta", "54001"),
        ("SAN JOSÉ DE CÚCUTA", "San José de Cúcuta", "54001"),
        ("BOGOTÁ, D.C.", "Bogotá, D.C.", "11001"),
        ("Bogotá, D. C.", "Bogotá, D.C.", "11001"),
        ("Bogotá DC", "Bogotá, D.C.", "11001"),
        ("CARTAGENA", "Cartagena de Indias", "13001"),
        ("MEDELLIN", "Medellín", "05001"),
        ("Barranquilla", "Barranquilla", "08001"),
        ("La Unión (Nariño)", "La Unión (Nariño)", "52399"),
        ("Tumaco", "San Andrés de Tumaco", "52835"),
    ],
)
def test_a_city_has_one_name_and_its_divipola_code(written: str, canonical: str, code: str) -> None:
    assert normalised_city(written) == Name(canonical, known=True)
    assert city_code(written) == code


@pytest.mark.parametrize("written", ["La Unión", "RIONEGRO", "Villanueva", "Armenia (Antioquia)", "Springfield", ""])
def test_a_city_that_is_ambiguous_or_unknown_has_no_code(written: str) -> None:
    assert city_code(written) is None
    assert not normalised_city(written).known


def test_a_product_tells_its_group_through_any_of_its_names() -> None:
    assert product_group("PAPA NEGRA*") == product_group("papa nwgra") == "Tubérculos, raíces y plátanos"
    assert product_group("unobtainium") is None


def test_the_tables_are_read_at_the_first_question_and_not_at_import() -> None:
    program = "from mercado.sipsa.names import tables; print(tables.products.cache_info().currsize)"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "0\n"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["Papa,Papa"], "t.csv, line 2: 'Papa' is not simplified: expected 'papa'"),
        (["papa,Papa", "papa,Patata"], "t.csv, line 3: 'papa' is there already, as 'Papa'"),
        (["papa,"], "t.csv, line 2: 'papa' has no canonical name"),
        (["patata,Papa"], "t.csv: 'patata' is said to be 'Papa', which has no equal line of its own"),
        (["a,B", "b,C", "c,C"], "t.csv: 'a' is said to be 'B', which has no equal line of its own"),
        (
            ["cali,Cali,7601"],
            "t.csv, line 2: a DIVIPOLA code has five digits, with its leading zero; 'cali' has '7601'",
        ),
        (["cali,Cali,76001", "kali,Cali,76002"], "t.csv: 'kali' is said to be 'Cali', which has no equal line"),
        (["cali,Cali,76001,more"], "t.csv, line 2"),
    ],
)
def test_a_wrong_table_is_refused_and_the_line_named(lines: list[str], complaint: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        tables.checked_table(["simplified,canonical,code", *lines], where="t.csv")
    assert complaint in str(raised.value)


def test_every_code_is_the_one_that_divipola_gives_the_city() -> None:
    for entry in tables.cities().values():
        official = municipalities()[str(entry.code)]
        # "La Unión (Nariño)" and "Bogotá, D.C." say more than DIVIPOLA's "LA UNIÓN" and "BOGOTÁ."
        assert simplified(entry.canonical).startswith(simplified(official["NOM_MPIO"]))
        assert simplified(str(entry.department)).startswith(simplified(official["NOM_DPTO"]))


def test_a_bare_city_name_that_several_departments_share_is_listed_for_a_capital_only() -> None:
    bearers = Counter(simplified(municipality["NOM_MPIO"]) for municipality in municipalities().values())
    shared = {name: entry for name, entry in tables.cities().items() if bearers[name] > 1}
    assert set(shared) == {"armenia", "florencia"}
    assert all(str(entry.code).endswith(DEPARTMENT_CAPITAL) for entry in shared.values())


def unmapped(names: list[str], table: Mapping[str, object]) -> list[str]:
    return [name for name in names if simplified(name) not in table]


def test_every_product_of_the_real_prices_is_mapped() -> None:
    assert unmapped(distinct("producto"), tables.products()) == []
    assert unmapped(answered("sipsa_semanal.xml", "artiNombre"), tables.products()) == []
    assert unmapped(answered("dane_doc_2020_examples.xml", "artiNombre"), tables.products()) == []
    assert unmapped(answered("dane_doc_2020_examples.xml", "producto"), tables.products()) == []
    assert unmapped(answered("ciudad_one_real_return.xml", "producto"), tables.products()) == []


def test_every_market_of_the_real_prices_is_mapped() -> None:
    assert unmapped(distinct("mercado"), tables.markets()) == []
    assert unmapped(answered("sipsa_semanal.xml", "fuenNombre"), tables.markets()) == []
    assert unmapped(answered("dane_doc_2020_examples.xml", "fuenNombre"), tables.markets()) == []


def test_every_city_of_the_real_answers_has_a_code() -> None:
    names = answered("ciudad_one_real_return.xml", "ciudad") + answered("dane_doc_2020_examples.xml", "ciudad")
    assert [name for name in names if city_code(name) is None] == []
