"""The service's WSDL and its schema, written from the contract."""

from collections.abc import Callable, Iterable
from typing import Final
from xml.sax.saxutils import quoteattr

from mercado.sipsa.contract import BINDING, ITEM, NAMESPACE, OPERATIONS, PORT, PORT_TYPE, SERVICE, Operation
from tests.simulators.sipsa.drift import ServedField

_OPERATIONS: Final = tuple(sorted(OPERATIONS, key=lambda operation: operation.name))
_PROLOGUE: Final = "<?xml version='1.0' encoding='UTF-8'?>"
_HTTP_TRANSPORT: Final = "http://www.w3.org/2003/05/soap/bindings/HTTP/"


def wsdl_document(*, address: str, schema_location: str) -> str:
    """Return the WSDL: one service, one port, SOAP 1.2 only, document/literal wrapped, no faults.

    Args:
        address: Where it says that the service is.
        schema_location: Address of the schema that it imports.
    """
    return "\n".join(
        (
            f'{_PROLOGUE}<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{NAMESPACE}"'
            ' xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
            f' targetNamespace="{NAMESPACE}" name="{SERVICE}">',
            f'<types><xsd:schema><xsd:import namespace="{NAMESPACE}" schemaLocation={quoteattr(schema_location)}/>'
            "</xsd:schema></types>",
            *(_message(name) for operation in _OPERATIONS for name in (operation.name, f"{operation.name}Response")),
            f'<portType name="{PORT_TYPE}">',
            *(_port_operation(operation.name) for operation in _OPERATIONS),
            f'</portType>\n<binding name="{BINDING}" type="tns:{PORT_TYPE}">',
            f'<soap12:binding transport="{_HTTP_TRANSPORT}" style="document"/>',
            *(_bound_operation(operation.name) for operation in _OPERATIONS),
            f'</binding>\n<service name="{SERVICE}"><port name="{PORT}" binding="tns:{BINDING}">',
            f"<soap12:address location={quoteattr(address)}/></port></service>\n</definitions>",
        )
    )


def schema_document(fields_of: Callable[[Operation], Iterable[ServedField]]) -> str:
    """Return the XSD, which leaves ``elementFormDefault`` out, so that items and their fields have no namespace.

    Args:
        fields_of: Returns the fields of an operation's items.
    """
    return "\n".join(
        (
            f'{_PROLOGUE}<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="{NAMESPACE}" version="1.0"'
            f' targetNamespace="{NAMESPACE}">',
            *(_element(name) for operation in _OPERATIONS for name in (operation.name, f"{operation.name}Response")),
            *(_types(operation, fields_of(operation)) for operation in _OPERATIONS),
            "</xs:schema>",
        )
    )


def _message(name: str) -> str:
    return f'<message name="{name}"><part name="parameters" element="tns:{name}"/></message>'


def _port_operation(name: str) -> str:
    return f'<operation name="{name}"><input message="tns:{name}"/><output message="tns:{name}Response"/></operation>'


def _bound_operation(name: str) -> str:
    body = '<soap12:body use="literal"/>'
    return (
        f'<operation name="{name}"><soap12:operation soapAction=""/><input>{body}</input><output>{body}</output>'
        "</operation>"
    )


def _element(name: str) -> str:
    return f'<xs:element name="{name}" type="tns:{name}"/>'


def _types(operation: Operation, fields: Iterable[ServedField]) -> str:
    argument = [_local(operation.argument[0], "xs:int")] if operation.argument else []
    items = _local(ITEM, f"tns:{operation.item_type}", ' maxOccurs="unbounded"')
    return "\n".join(
        (
            _type(operation.name, argument),
            _type(f"{operation.name}Response", [items]),
            _type(operation.item_type, [_local(field.name, f"xs:{field.xsd_type.value}") for field in fields]),
        )
    )


def _type(name: str, elements: list[str]) -> str:
    return f'<xs:complexType name="{name}"><xs:sequence>{"".join(elements)}</xs:sequence></xs:complexType>'


def _local(name: str, xsd_type: str, more: str = "") -> str:
    return f'<xs:element name="{name}" type="{xsd_type}" minOccurs="0"{more}/>'
