"""The running SIPSA simulator, as zeep and a plain HTTP client meet it."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args

import httpx
import pytest
import requests
import zeep
from lxml import etree

from mercado.sipsa.contract import CITY_PRICES, MONTHLY_FARM_INPUTS, NAMESPACE, OPERATIONS, SERVICE
from tests.conftest import SAMPLES
from tests.simulators.clock import parse_instant
from tests.simulators.faults import SoapFaultKind
from tests.simulators.running import SimulatorHandle, running_simulator
from tests.simulators.sipsa.options import SipsaOptions
from tests.simulators.sipsa.service import SERVICE_PATH

REAL_WSDL = SAMPLES / "wsdl" / f"{SERVICE}.wsdl"
TODAY = date(2026, 9, 11)
ROWS = 400
CITY = CITY_PRICES.name
SOAP_TYPE = "application/soap+xml; charset=utf-8"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorHandle]:
    with running_simulator(now=parse_instant("2025-02-04T10:15:00Z"), sipsa=SipsaOptions(rows=ROWS)) as handle:
        yield handle


@pytest.fixture
def simulator(running: SimulatorHandle) -> SimulatorHandle:
    running.clear_faults()
    running.clear_requests()
    running.clear_sipsa_revisions()
    running.restore_sipsa_contract()
    running.set_sipsa_window(today=TODAY, rows=ROWS)
    return running


@pytest.fixture
def client(simulator: SimulatorHandle) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.base_url, trust_env=False) as client:
        yield client


def envelope(operation: str, content: str = "") -> str:
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
        f'<n:{operation} xmlns:n="{NAMESPACE}">{content}</n:{operation}></e:Body></e:Envelope>'
    )


def call(client: httpx.Client, operation: str = CITY, *, content: str = "", soap_type: str = SOAP_TYPE) -> Any:
    arguments = "<arg0>4</arg0>" if operation == MONTHLY_FARM_INPUTS.name and not content else content
    return client.post(SERVICE_PATH, content=envelope(operation, arguments), headers={"Content-Type": soap_type})


def count(answer: httpx.Response) -> int:
    return len(etree.fromstring(answer.content).findall(".//return"))


def zeep_client(wsdl: str) -> zeep.Client:
    session = requests.Session()
    session.trust_env = False
    return zeep.Client(wsdl, transport=zeep.Transport(session=session, timeout=10, operation_timeout=10))


def zeep_service(simulator: SimulatorHandle) -> Any:
    client = zeep_client(simulator.sipsa_wsdl_url)
    return client.create_service(f"{{{NAMESPACE}}}SrvSipsaUpraPortBinding", f"{simulator.base_url}{SERVICE_PATH}")


def contract_of(wsdl: str) -> dict[str, Any]:
    """Return all that zeep knows of a WSDL but its addresses."""
    document = zeep_client(wsdl).wsdl
    [service] = document.services.values()
    [port] = service.ports.values()
    binding = port.binding
    types = {
        str(known.qname): [
            (name, str(element.type.qname), element.min_occurs, element.max_occurs, str(element.qname))
            for name, element in known.elements
        ]
        for known in document.types.types
        if known.qname is not None and known.qname.namespace == NAMESPACE
    }
    operations = {
        name: (
            str(known.input.body.qname),
            str(known.output.body.qname),
            known.soapaction,
            known.style,
            [*known.faults],
            known.input.signature(),
            known.output.signature(),
        )
        for name, known in binding._operations.items()
    }
    elements = {
        str(element.qname): str(element.type.qname)
        for element in document.types.elements
        if element.qname.namespace == NAMESPACE
    }
    names = (service.name, port.name, str(binding.name), str(binding.port_name), type(binding).__name__)
    return {
        "names": names,
        "transport": binding.transport,
        "types": types,
        "operations": operations,
        "elements": elements,
    }


def test_the_contract_equals_the_real_one(simulator: SimulatorHandle) -> None:
    if not REAL_WSDL.exists():
        pytest.skip(f"the real WSDL is not here: {REAL_WSDL}")
    ours, real = contract_of(simulator.sipsa_wsdl_url), contract_of(str(REAL_WSDL))
    assert len(real["operations"]) == 6
    assert len(real["types"]) == 18
    assert ours == real


def test_the_schema_leaves_local_elements_unqualified(client: httpx.Client) -> None:
    schema = etree.fromstring(client.get(SERVICE_PATH, params={"xsd": "1"}).content)
    assert schema.get("elementFormDefault") is None
    assert b"nillable" not in etree.tostring(schema)


@pytest.mark.parametrize("query", ["WSDL", "wsdl"])
def test_the_wsdl_states_another_port_than_it_came_from(client: httpx.Client, query: str) -> None:
    wsdl = client.get(f"{SERVICE_PATH}?{query}").text
    assert f'location="http://127.0.0.1:80{SERVICE_PATH}"' in wsdl
    assert f'schemaLocation="{client.base_url.copy_with(path=SERVICE_PATH)}?xsd=1"' in wsdl


def test_the_address_in_the_wsdl_can_be_chosen() -> None:
    address = "http://127.0.0.1:9/sipsaWS/SrvSipsaUpraBeanService"
    with running_simulator(sipsa=SipsaOptions(rows=5, address=address)) as simulator:
        client = zeep_client(simulator.sipsa_wsdl_url)
        with pytest.raises(requests.ConnectionError):
            client.service.promediosSipsaCiudad()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_zeep_calls_each_operation(simulator: SimulatorHandle, operation: Any) -> None:
    arguments = [operation.argument[1]] if operation.argument else []
    items = getattr(zeep_service(simulator), operation.name)(*arguments)
    assert len(items) == ROWS
    day = next(field.name for field in operation.fields if field.column == operation.day)
    assert {item[day].utcoffset() for item in items} == {-timedelta(hours=5)}
    assert all(item[field.name] is not None for item in items for field in operation.fields if field.required)


@pytest.mark.parametrize("content", [" ", "<arg0>3</arg0>", "<arg0/>", f'<x:arg0 xmlns:x="{NAMESPACE}">4</x:arg0>'])
def test_farm_inputs_of_another_type_are_an_empty_wrapper(client: httpx.Client, content: str) -> None:
    answer = call(client, MONTHLY_FARM_INPUTS.name, content=content)
    assert answer.status_code == 200
    assert count(answer) == 0
    assert "consultarInsumosSipsaMesMadrResponse" in answer.text


def test_answers_come_in_chunks_as_soap_and_say_that_they_are_simulated(client: httpx.Client) -> None:
    answer = call(client)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.headers["Content-Type"] == "application/soap+xml;charset=utf-8"
    assert answer.headers["X-Mercado-Simulator"] == "sipsa; seed=7"
    assert client.get("/api/v3/ping").headers["X-Mercado-Simulator"].startswith("binance; ")


@pytest.mark.parametrize("soap_type", ["text/xml; charset=utf-8", "application/xml", ""])
def test_another_content_type_is_refused(client: httpx.Client, soap_type: str) -> None:
    assert call(client, soap_type=soap_type).status_code == 415


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("no xml", "Sender"),
        (envelope("promediosSipsaPais"), "Sender"),
        (envelope(CITY).replace("2003/05/soap-envelope", "2001/06/soap-envelope"), "VersionMismatch"),
    ],
)
def test_a_wrong_call_is_a_soap_fault(client: httpx.Client, body: str, code: str) -> None:
    answer = client.post(SERVICE_PATH, content=body, headers={"Content-Type": SOAP_TYPE})
    assert answer.status_code == 500
    assert f"<S:Value>S:{code}</S:Value>" in answer.text


def test_a_plain_visit_gets_a_page(client: httpx.Client) -> None:
    assert client.get(SERVICE_PATH).headers["Content-Type"].startswith("text/html")


def test_a_revision_holds_from_the_next_call_on(simulator: SimulatorHandle, client: httpx.Client) -> None:
    before = call(client).content
    assert call(client).content == before
    [entry] = simulator.revise_sipsa(CITY, rows=1, factor=2)
    after = call(client).content
    assert after != before
    assert float(entry["after"]["precioPromedio"]) == 2 * float(entry["before"]["precioPromedio"])
    assert entry["after"]["regId"] == entry["before"]["regId"]
    simulator.clear_sipsa_revisions()
    assert call(client).content == before


def test_the_rows_and_the_day_can_be_set(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.set_sipsa_window(rows=7, operation=CITY)
    assert [count(call(client, operation.name)) for operation in OPERATIONS] == [7, *[ROWS] * 5]
    simulator.set_sipsa_window(today=TODAY + timedelta(days=3))
    assert "2026-09-11T" in call(client).text
    window = client.get("/_simulator/sipsa/window").json()
    assert window["today"] == "2026-09-14"
    assert window["rows"][CITY] == 8


def test_drift_shows_in_the_wsdl_that_zeep_reads(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.drift_sipsa(CITY, "rename", "precioPromedio", to="precioMedio")
    simulator.drift_sipsa(CITY, "remove", "enviado")
    simulator.drift_sipsa(CITY, "retype", "regId", xsd_type="string")
    simulator.drift_sipsa(CITY, "add", "unidad", xsd_type="string")
    drifted = contract_of(simulator.sipsa_wsdl_url)["types"][f"{{{NAMESPACE}}}{CITY_PRICES.item_type}"]
    types = {name: xsd_type.partition("}")[2] for name, xsd_type, *_ in drifted}
    assert not {"precioPromedio", "enviado"} & {*types}
    assert (types["precioMedio"], types["regId"], types["unidad"]) == ("decimal", "string", "string")
    item = zeep_service(simulator).promediosSipsaCiudad()[0]
    assert item["unidad"] == "nuevo"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("revisions", {"operation": CITY}),
        ("revisions", {"operation": CITY, "positions": [ROWS]}),
        ("revisions", {"operation": "promediosSipsaPais", "rows": 1}),
        ("window", {}),
        ("window", {"operation": CITY, "today": "2026-01-01"}),
        ("contract", {"operation": CITY, "change": "rename", "field": "producto"}),
        ("contract", {"operation": CITY, "change": "remove", "field": "nada"}),
    ],
)
def test_an_unclear_control_request_is_refused(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    answer = client.post(f"/_simulator/sipsa/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize("retry_after", [None, 7])
def test_an_overloaded_server_may_say_when_to_come_back(
    simulator: SimulatorHandle, client: httpx.Client, retry_after: int | None
) -> None:
    simulator.add_fault("status", status=503, retry_after=retry_after, method="POST")
    answer = call(client)
    assert answer.status_code == 503
    assert answer.headers.get("Retry-After") == (retry_after and str(retry_after))
    assert client.get(f"{SERVICE_PATH}?WSDL").status_code == 200


@pytest.mark.parametrize(
    ("kind", "fields", "status", "content_type"),
    [
        ("status", {"status": 415}, 415, "text/html"),
        ("garbage", {}, 200, "text/html"),
        ("empty", {}, 200, "application/soap+xml"),
        ("soap_fault", {"soap_status": 200}, 200, "application/soap+xml"),
        ("soap_fault", {"soap_status": 500}, 500, "application/soap+xml"),
        ("redirect", {}, 301, "None"),
    ],
)
def test_a_fault_replaces_the_answer(
    simulator: SimulatorHandle, client: httpx.Client, kind: str, fields: dict[str, Any], status: int, content_type: str
) -> None:
    simulator.add_fault(kind, **fields, path=SERVICE_PATH, times=1)
    answer = call(client)
    assert answer.status_code == status
    assert str(answer.headers.get("Content-Type")).startswith(content_type)
    assert "<return>" not in answer.text
    assert ("S:Fault" in answer.text) == (kind == "soap_fault")
    assert (answer.content == b"") == (kind in {"empty", "redirect"})
    assert count(call(client)) == ROWS


def test_a_redirect_leads_to_a_page(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("redirect")
    with httpx.Client(base_url=simulator.base_url, trust_env=False, follow_redirects=True) as follower:
        answer = call(follower)
    assert [step.status_code for step in answer.history] == [301]
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("framing", ["chunked", "content-length"])
def test_a_cut_answer_breaks_off_in_the_middle(simulator: SimulatorHandle, client: httpx.Client, framing: str) -> None:
    whole = call(client).content
    simulator.add_fault("cut", framing=framing, path=SERVICE_PATH, method="POST", times=1)
    received: list[bytes] = []
    request = {"content": envelope(CITY), "headers": {"Content-Type": SOAP_TYPE}}
    with client.stream("POST", SERVICE_PATH, **request) as answer:
        assert answer.headers.get("Content-Length") == (str(len(whole)) if framing == "content-length" else None)
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(answer.iter_raw())
    got = b"".join(received)
    assert 0.4 < len(got) / len(whole) < 0.6
    assert whole.startswith(got)
    assert call(client).content == whole


def test_a_malformed_answer_is_whole_but_no_xml(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("malformed", times=1)
    answer = call(client)
    assert answer.text.count("<return>") == ROWS
    assert answer.text.endswith("</S:Envelope>")
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(answer.content)


def test_a_slow_answer_is_late_and_whole(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("slow", delay_seconds=0.3, path=SERVICE_PATH, method="POST")
    started = time.monotonic()
    assert count(call(client)) == ROWS
    assert time.monotonic() - started >= 0.3


def test_a_stalled_answer_is_silent_in_the_middle(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("stall", delay_seconds=0.4)
    assert count(call(client)) == ROWS
    with pytest.raises(httpx.ReadTimeout):
        client.post(SERVICE_PATH, content=envelope(CITY), headers={"Content-Type": SOAP_TYPE}, timeout=0.15)


def test_bad_rows_are_the_share_that_was_asked_for(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("bad_rows", share=0.05, defects=["impossible_price", "bad_date"])
    answer = call(client)
    assert count(answer) == ROWS
    assert answer.text.count("<precioPromedio>0<") == 10
    assert answer.text.count("2026-02-30T") == 10


def test_a_fault_can_be_kept_to_one_operation(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("empty", operation=OPERATIONS[1].name)
    assert [len(call(client, operation.name).content) > 0 for operation in OPERATIONS] == [True, False, *[True] * 4]


@pytest.mark.parametrize("kind", get_args(SoapFaultKind))
def test_faults_of_calls_leave_the_wsdl_and_binance_alone(
    simulator: SimulatorHandle, client: httpx.Client, kind: str
) -> None:
    whole = client.get(f"{SERVICE_PATH}?WSDL").content
    simulator.add_fault(kind, times=1)
    assert client.get(f"{SERVICE_PATH}?WSDL").content == whole
    assert client.get("/api/v3/ping").json() == {}


def test_a_fault_of_the_wsdl_leaves_calls_alone(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("status", status=503, path=SERVICE_PATH, method="GET")
    answer = client.get(f"{SERVICE_PATH}?WSDL")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert count(call(client)) == ROWS


def test_the_log_names_the_operation(simulator: SimulatorHandle, client: httpx.Client) -> None:
    call(client)
    entry = {"method": "POST", "path": SERVICE_PATH, "query": "", "status": 200, "operation": CITY}
    assert simulator.requests() == [entry]
