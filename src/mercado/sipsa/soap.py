"""SOAP documents through lxml: a parser that asks nobody for anything, and the text of a fault."""

from typing import Final

from lxml import etree  # type: ignore[import-untyped]

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"


def fault_text(document: bytes) -> tuple[str, str] | None:
    """Return the code and the text of the SOAP fault (1.2 or 1.1) in a document or its beginning, else ``None``."""
    root = recovered(document)
    fault = None if root is None else root.find(f"{{{root.nsmap.get(root.prefix)}}}Body/{{*}}Fault")
    if fault is None:
        return None
    code = fault.findtext("{*}Code/{*}Value") or fault.findtext("faultcode") or ""
    text = fault.findtext("{*}Reason/{*}Text") or fault.findtext("faultstring") or " ".join(fault.itertext())
    return code.rpartition(":")[2], " ".join(text.split())


def recovered(document: bytes) -> etree._Element | None:
    """Return the tree of a document that may be cut or not even be XML."""
    return etree.fromstring(document, parser(recover=True)) if document.strip() else None


def parser(*, recover: bool = False) -> etree.XMLParser:
    """Return a parser that reads elements and text only, and nothing from outside the document."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, recover=recover
    )
