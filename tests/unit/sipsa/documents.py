"""WSDLs and answers made from the contract, for tests, and what is read of them."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from mercado.sipsa.contract import BINDING, ITEM, NAMESPACE, OPERATIONS, PORT, PORT_TYPE, SERVICE, Operation
from mercado.sipsa.parsing import Items
from mercado.sipsa.soap import SOAP

ADDRESS = "http://appweb.dane.gov.co:80/sipsaWS/SrvSipsaUpraBeanService"


def wsdl(operations: Iterable[Operation] = OPERATIONS, *, soap_version: str = "12") -> str:
    """Return a WSDL of these operations, with the address that the real one states."""
    stated = tuple(operations)
    soap = f"http://schemas.xmlsoap.org/wsdl/soap{soap_version}/"
    return (
        f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="{soap}" xmlns:t="{NAMESPACE}"'
        f' xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}" name="{SERVICE}">'
        f'<types><xs:schema targetNamespace="{NAMESPACE}">{"".join(map(_schema, stated))}</xs:schema></types>'
        f"{''.join(map(_messages, stated))}"
        f'<portType name="{PORT_TYPE}">{"".join(map(_port_operation, stated))}</portType>'
        f'<binding name="{BINDING}" type="t:{PORT_TYPE}">'
        f'<soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>'
        f"{''.join(map(_bound, stated))}</binding>"
        f'<service name="{SERVICE}"><port name="{PORT}" binding="t:{BINDING}"><soap:address location="{ADDRESS}"/>'
        f"</port></service></definitions>"
    )


def _schema(operation: Operation) -> str:
    name, item = operation.name, operation.item_type
    argument = f'<xs:element name="{operation.argument[0]}" type="xs:int"/>' if operation.argument else ""
    fields = "".join(
        f'<xs:element name="{field.name}" type="xs:{field.xsd_type}" minOccurs="0"/>' for field in operation.fields
    )
    items = f'<xs:element name="{ITEM}" type="t:{item}" minOccurs="0" maxOccurs="unbounded"/>'
    return (
        f'<xs:element name="{name}" type="t:{name}"/><xs:element name="{name}Response" type="t:{name}Response"/>'
        f'<xs:complexType name="{name}"><xs:sequence>{argument}</xs:sequence></xs:complexType>'
        f'<xs:complexType name="{name}Response"><xs:sequence>{items}</xs:sequence></xs:complexType>'
        f'<xs:complexType name="{item}"><xs:sequence>{fields}</xs:sequence></xs:complexType>'
    )


def _messages(operation: Operation) -> str:
    names = (operation.name, f"{operation.name}Response")
    return "".join(f'<message name="{name}"><part name="p" element="t:{name}"/></message>' for name in names)


def _port_operation(operation: Operation) -> str:
    name = operation.name
    return f'<operation name="{name}"><input message="t:{name}"/><output message="t:{name}Response"/></operation>'


def _bound(operation: Operation) -> str:
    body = '<soap:body use="literal"/>'
    return (
        f'<operation name="{operation.name}"><soap:operation soapAction=""/><input>{body}</input>'
        f"<output>{body}</output></operation>"
    )


def envelope(body: str) -> str:
    """Return a SOAP 1.2 envelope around a body."""
    return f'<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="{SOAP}"><S:Body>{body}</S:Body></S:Envelope>'


def answer(operation: Operation, items: str) -> bytes:
    """Return a whole answer around the text of its items."""
    wrapper = f"n:{operation.name}Response"
    return envelope(f'<{wrapper} xmlns:n="{NAMESPACE}">{items}</{wrapper}>').encode()


def item(texts: Mapping[str, str]) -> str:
    """Return an item as the service writes it."""
    fields = "".join(f"<{name}>{escape(text, {chr(13): '&#13;'})}</{name}>" for name, text in texts.items())
    return f"<{ITEM}>{fields}</{ITEM}>"


def fault(code: str, text: str) -> bytes:
    """Return a SOAP 1.2 fault."""
    return envelope(
        f"<S:Fault><S:Code><S:Value>S:{code}</S:Value></S:Code>"
        f'<S:Reason><S:Text xml:lang="es">{escape(text)}</S:Text></S:Reason></S:Fault>'
    ).encode()


def texts_of(answer: Iterable[Items]) -> list[dict[str, str]]:
    """Return the items' texts, having checked that each knows its place."""
    texts: list[dict[str, str]] = []
    for items in answer:
        assert items.first == len(texts) + 1
        texts += [items.texts(place) for place in range(len(items.rows))]
    return texts
