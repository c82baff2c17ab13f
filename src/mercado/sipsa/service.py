"""The service as its own WSDL states it: compared with the contract, and asked where the WSDL came from.

The WSDL's address is a trap: it says ``http://…:80``, where a page of information answers instead of the service, so
only its path is used. zeep reads the WSDL and builds the envelopes; `mercado.sipsa.client` posts them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import requests
import zeep
from lxml import etree  # type: ignore[import-untyped]
from zeep.exceptions import Error as ZeepError
from zeep.wsdl.bindings.soap import Soap12Binding

from mercado.errors import ConfigurationError, SourceContractError
from mercado.origins import SIMULATOR_HEADER, origin_of
from mercado.sipsa.contract import ITEM, OPERATIONS, PORT, SERVICE, Operation
from mercado.sipsa.refusals import failure, refusal

WSDL_TIMEOUT_SECONDS: Final = 60
DANE: Final = "dane"
HOST: Final = "appweb.dane.gov.co"
ARGUMENT_TYPE: Final = "int"


class SipsaService:
    """The service that a WSDL describes; reads the WSDL when made.

    Args:
        wsdl_url: Address of the WSDL, or the path of a file, which can be compared but has no address to ask.
        session: Fetches it, and what it imports.

    Raises:
        ConfigurationError: Plain http to DANE, or no such file.
        SourceContractError: It is no WSDL, or has no such SOAP 1.2 port.
        SourceUnavailableError: Its server does not answer.
        SourceForbiddenError: Its server refuses this address.
    """

    def __init__(self, wsdl_url: str, *, session: requests.Session) -> None:
        refuse_plain_http(wsdl_url)
        self.wsdl_url = wsdl_url
        try:
            self._transport = _Transport(wsdl_url, session)
            self._client = zeep.Client(wsdl_url, transport=self._transport)  # type: ignore[no-untyped-call]
            self._port = self._client.bind(SERVICE, PORT)
            if self._port is None:
                raise ValueError("it describes no service")
        except OSError as error:
            raise ConfigurationError(f"{wsdl_url}: cannot be read ({error}). Check SIPSA_WSDL_URL.") from error
        except (ZeepError, etree.LxmlError, ValueError, LookupError) as error:
            raise SourceContractError(
                f"{wsdl_url}: expected the WSDL of {SERVICE} with port {PORT} ({error}). Open it in a browser; if the "
                f"service has moved, set SIPSA_WSDL_URL."
            ) from error
        if not isinstance(self._port._binding, Soap12Binding):
            raise SourceContractError(f"{wsdl_url}: expected {PORT} to be SOAP 1.2; fix the reader.")

    @property
    def endpoint(self) -> str:
        """Return where to post: the path of the WSDL's address at the scheme, host and port of the WSDL itself.

        Raises:
            ConfigurationError: The WSDL is a file.
        """
        origin = urlsplit(self.wsdl_url)
        if origin.scheme not in ("http", "https"):
            raise ConfigurationError(f"{self.wsdl_url} is a file: nothing can be asked there. Set SIPSA_WSDL_URL.")
        return _at(origin, urlsplit(self._port._binding_options["address"]))

    @property
    def origin(self) -> str:
        """Return where its data comes from: ``dane``, another host, or ``simulator: …``."""
        simulator = self._transport.simulator
        return origin_of(self.wsdl_url, simulator=simulator, source=DANE, hosts=frozenset({HOST}))

    def envelope(self, operation: Operation) -> bytes:
        """Return the SOAP 1.2 request of an operation, with its argument, in UTF-8."""
        arguments = dict([operation.argument]) if operation.argument else {}
        message = self._client.create_message(self._port, operation.name, **arguments)  # type: ignore[no-untyped-call]
        return bytes(etree.tostring(message, xml_declaration=True, encoding="utf-8"))

    def stated(self) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
        """Return the WSDL's operations by name: the XSD types of the request's arguments and of an item's fields."""
        return {
            name: (_types(operation.input.body.type), _item_types(operation.output.body.type))
            for name, operation in self._port._binding._operations.items()
        }


def check_contract(service: SipsaService, operations: Iterable[Operation] = OPERATIONS) -> list[str]:
    """Return notes on what the WSDL has beyond the contract: it is kept in the raw answers, and may be worth reading.

    Raises:
        SourceContractError: What the contract needs is missing or has another XSD type; names every such operation and
            field.
    """
    stated, expected = service.stated(), {operation.name: operation for operation in operations}
    faults = [fault for operation in expected.values() for fault in _faults(operation, stated.get(operation.name))]
    if faults:
        raise SourceContractError(f"{service.wsdl_url}: the service changed: {'; '.join(faults)}. Fix the contract.")
    notes = [f"new operation {name}" for name in stated if name not in expected]
    for name, operation in expected.items():
        known = {field.name for field in operation.fields}
        new = {field: xsd_type for field, xsd_type in stated[name][1].items() if field not in known}
        notes += [f"{name}: new field {field} ({xsd_type})" for field, xsd_type in new.items()]
    return notes


def refuse_plain_http(url: str) -> None:
    """Raise a ConfigurationError that names the https address when a URL is plain http to DANE."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and _is_dane(host):
        raise ConfigurationError(
            f"{url}: DANE answers plain http with a web page, not with the service. Set SIPSA_WSDL_URL to "
            f"{parts._replace(scheme='https', netloc=host).geturl()}"
        )


def _is_dane(host: str) -> bool:
    return f".{host}".endswith(".dane.gov.co")


class _Transport(zeep.Transport):
    """Fetches the WSDL and what it imports from one origin, with clear errors and without following redirects."""

    def __init__(self, wsdl_url: str, session: requests.Session) -> None:
        super().__init__(session=session, timeout=WSDL_TIMEOUT_SECONDS)  # type: ignore[no-untyped-call]
        self._origin = urlsplit(wsdl_url)
        self.simulator: str | None = None

    def _load_remote_data(self, url: str) -> bytes:
        place = _at(self._origin, urlsplit(url))
        try:
            response = self.session.get(place, timeout=self.load_timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise failure(error, place, silence_seconds=WSDL_TIMEOUT_SECONDS) from error
        if unwelcome := refusal(response):
            raise unwelcome
        self.simulator = response.headers.get(SIMULATOR_HEADER)
        return bytes(response.content)


def _at(origin: SplitResult, address: SplitResult) -> str:
    return address._replace(scheme=origin.scheme, netloc=origin.netloc).geturl()


def _types(sequence: Any) -> dict[str, str]:
    return {name: element.type.qname.localname for name, element in getattr(sequence, "elements", [])}


def _item_types(wrapper: Any) -> dict[str, str]:
    item = dict(getattr(wrapper, "elements", [])).get(ITEM)
    return {} if item is None else _types(item.type)


def _faults(operation: Operation, stated: tuple[dict[str, str], dict[str, str]] | None) -> Iterator[str]:
    if stated is None:
        yield f"operation {operation.name} is missing"
        return
    arguments, fields = stated
    expected = {field.name: field.xsd_type.value for field in operation.fields}
    wanted = {operation.argument[0]: ARGUMENT_TYPE} if operation.argument else {}
    for kind, needed, found in (("argument", wanted, arguments), ("field", expected, fields)):
        for name, xsd_type in needed.items():
            if name not in found:
                yield f"{operation.name}: {kind} {name} is missing"
            elif found[name] != xsd_type:
                yield f"{operation.name}: {kind} {name} is xs:{found[name]}, expected xs:{xsd_type}"
