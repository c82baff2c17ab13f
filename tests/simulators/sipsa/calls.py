"""Reading a call: which operation an envelope asks for, and with which argument."""

from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from mercado.sipsa.contract import NAMESPACE, OPERATIONS, Operation

_SOAP_12: Final = "{http://www.w3.org/2003/05/soap-envelope}"
_BY_TAG: Final = {f"{{{NAMESPACE}}}{operation.name}": operation for operation in OPERATIONS}


class CallError(Exception):
    """A call that is answered with a SOAP fault.

    Attributes:
        code: ``Sender`` or ``VersionMismatch``.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Call:
    """A call of an operation.

    Attributes:
        operation: The one that is asked for.
        has_data: Whether there is anything for its argument.
    """

    operation: Operation
    has_data: bool


def read_call(body: bytes) -> Call:
    """Return the call that the envelope ``body`` makes.

    Raises:
        CallError: It is no SOAP 1.2 envelope, or asks for no operation of the service.
    """
    try:
        envelope = ElementTree.fromstring(body)  # noqa: S314  our own tests send it
    except ElementTree.ParseError as error:
        code = "Sender"
        raise CallError(code, f"Couldn't create SOAP message: {error}") from error
    if envelope.tag != f"{_SOAP_12}Envelope":
        code = "VersionMismatch"
        raise CallError(code, f"expected a SOAP 1.2 envelope, got {envelope.tag}")
    request = envelope.find(f"{_SOAP_12}Body/*")
    operation = None if request is None else _BY_TAG.get(request.tag)
    if request is None or operation is None:
        code = "Sender"
        raise CallError(code, f"Cannot find dispatch method for {'nothing' if request is None else request.tag}")
    return Call(operation, _has_data(operation, request))


def _has_data(operation: Operation, request: ElementTree.Element) -> bool:
    """Return whether the argument is the one that there are rows for; it has no namespace, as the schema says."""
    if operation.argument is None:
        return True
    name, value = operation.argument
    return (request.findtext(name) or "").strip() == str(value)
