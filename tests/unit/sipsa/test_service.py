"""Promises of `mercado.sipsa.service`: what changed is named, and the call goes where the WSDL came from."""

from dataclasses import replace
from pathlib import Path

import pytest
import requests
from lxml import etree

from mercado.errors import ConfigurationError, SourceContractError
from mercado.sipsa.contract import CITY_PRICES, MONTHLY_FARM_INPUTS, NAMESPACE, OPERATIONS, Field, Operation, XsdType
from mercado.sipsa.service import SipsaService, check_contract, refuse_plain_http
from mercado.sipsa.soap import SOAP
from tests.conftest import SAMPLES
from tests.unit.sipsa.documents import wsdl

REAL_WSDL = SAMPLES / "wsdl" / "SrvSipsaUpraBeanService.wsdl"
HTTPS_WSDL = "https://appweb.dane.gov.co/sipsaWS/SrvSipsaUpraBeanService"


def service(folder: Path, *operations: Operation, document: str = "") -> SipsaService:
    file = folder / "service.wsdl"
    file.write_text(document or wsdl(operations or OPERATIONS))
    return SipsaService(str(file), session=requests.Session())


def with_fields(operation: Operation, *fields: Field) -> tuple[Operation, ...]:
    others = (each for each in OPERATIONS if each is not operation)
    return replace(operation, fields=fields), *others


def test_a_wsdl_of_the_contract_needs_no_note(tmp_path: Path) -> None:
    assert check_contract(service(tmp_path)) == []


def test_the_real_wsdl_is_the_contract() -> None:
    if not REAL_WSDL.exists():
        pytest.skip("The real WSDL is not beside the repository.")
    assert check_contract(SipsaService(str(REAL_WSDL), session=requests.Session())) == []


def test_a_missing_operation_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceContractError, match="operation promediosSipsaCiudad is missing"):
        check_contract(service(tmp_path, *OPERATIONS[1:]))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_field_that_vanished_is_named_with_its_operation(tmp_path: Path, operation: Operation) -> None:
    changed = with_fields(operation, *operation.fields[1:])
    with pytest.raises(SourceContractError, match=f"{operation.name}: field {operation.fields[0].name} is missing"):
        check_contract(service(tmp_path, *changed))


def test_a_field_whose_type_changed_is_named_with_both_types(tmp_path: Path) -> None:
    fields = [
        replace(field, xsd_type=XsdType.STRING) if field.name == "regId" else field for field in CITY_PRICES.fields
    ]
    with pytest.raises(
        SourceContractError, match="promediosSipsaCiudad: field regId is xs:string, expected xs:decimal"
    ):
        check_contract(service(tmp_path, *with_fields(CITY_PRICES, *fields)))


def test_an_argument_that_vanished_is_named(tmp_path: Path) -> None:
    changed = [replace(each, argument=None) for each in OPERATIONS]
    with pytest.raises(SourceContractError, match="consultarInsumosSipsaMesMadr: argument arg0 is missing"):
        check_contract(service(tmp_path, *changed))


def test_new_fields_and_operations_are_noted_and_no_error(tmp_path: Path) -> None:
    more = with_fields(CITY_PRICES, *CITY_PRICES.fields, Field("calidad", XsdType.STRING))
    extra = replace(CITY_PRICES, name="promediosNuevos", item_type="nuevo")
    assert check_contract(service(tmp_path, *more, extra)) == [
        "new operation promediosNuevos",
        "promediosSipsaCiudad: new field calidad (string)",
    ]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_envelope_is_soap_1_2_with_the_argument_and_nothing_else(tmp_path: Path, operation: Operation) -> None:
    root = etree.fromstring(service(tmp_path).envelope(operation))
    assert root.tag == f"{{{SOAP}}}Envelope"
    request = root.find(f"{{{SOAP}}}Body/{{{NAMESPACE}}}{operation.name}")
    assert [(each.tag, each.text) for each in request] == ([("arg0", "4")] if operation is MONTHLY_FARM_INPUTS else [])


@pytest.mark.parametrize(
    "document",
    [
        "<html><body>information</body></html>",
        "no markup",
        wsdl(soap_version="").replace("SrvSipsaUpraPort", "Other"),
        wsdl(soap_version=""),
    ],
    ids=["a web page", "text", "another port", "SOAP 1.1"],
)
def test_what_is_not_the_wsdl_is_told_so(tmp_path: Path, document: str) -> None:
    with pytest.raises(SourceContractError, match=r"service\.wsdl: expected"):
        service(tmp_path, document=document)


def test_a_file_can_be_compared_but_not_asked(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a file"):
        assert service(tmp_path).endpoint


def test_danes_own_service_is_called_over_https_although_its_wsdl_says_http_and_port_80(tmp_path: Path) -> None:
    one = service(tmp_path)
    one.wsdl_url = f"{HTTPS_WSDL}?WSDL"
    assert (one.origin, one.endpoint) == ("dane", HTTPS_WSDL)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.wsdl: cannot be read"):
        SipsaService(str(tmp_path / "nowhere.wsdl"), session=requests.Session())


@pytest.mark.parametrize("address", [":80", ":9001", ""])
def test_plain_http_to_dane_is_refused_with_the_https_address(address: str) -> None:
    url = f"http://appweb.dane.gov.co{address}/sipsaWS/SrvSipsaUpraBeanService"
    with pytest.raises(ConfigurationError, match=f"Set SIPSA_WSDL_URL to {HTTPS_WSDL}$"):
        refuse_plain_http(url)


@pytest.mark.parametrize("url", [HTTPS_WSDL, "http://127.0.0.1:8900/sipsaWS?WSDL", "http://notdane.gov.co/"])
def test_https_and_other_hosts_are_not_refused(url: str) -> None:
    refuse_plain_http(url)
