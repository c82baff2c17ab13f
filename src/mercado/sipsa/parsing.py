"""Items of an answer, read as they come: memory stays flat however long the answer is.

Speed decides the shape. Of 100,000 items with 13 fields, lxml's iterparse reads 34,000 a second, expat 27,000, and an
exact pattern of the contract's fields 95,000. So that pattern cuts out each item that is written just as the contract
says, and accepts nothing that is not well formed; lxml reads every other one (with new fields, character references,
white space, comments) and the envelope.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from mercado.errors import SourceContractError
from mercado.sipsa.contract import ITEM, NAMESPACE, Operation
from mercado.sipsa.soap import SOAP, fault_text, parser, recovered

BLOCK_BYTES: Final = 1 << 17
LONGEST_ITEM_BYTES: Final = 1 << 20
MOST_FIELDS: Final = 100
ITEM_START: Final = f"<{ITEM}"
ITEM_END: Final = f"</{ITEM}>"
# Neither markup, nor a reference, nor a control character (XML turns line ends into one form, and forbids the rest).
PLAIN_TEXT: Final = r"[^<&\x00-\x1f\ufffe\uffff]*+"


class Items(NamedTuple):
    """Consecutive items of an answer, as a table: hundreds of thousands are read, one object each would be slow.

    Attributes:
        first: Position of the first in the answer, from 1 on.
        names: Fields that they may have, those that the contract does not know included.
        rows: Each item's texts, one per name: ``None`` where the field is absent, the empty string where it is empty.
    """

    first: int
    names: tuple[str, ...]
    rows: list[tuple[str | None, ...]]

    def texts(self, place: int) -> dict[str, str]:
        """Return the fields that are present of one item of `rows`, by name."""
        fields = zip(self.names, self.rows[place], strict=True)
        return {name: text for name, text in fields if text is not None}


def read_items(raw: Path | IO[bytes], operation: Operation) -> Iterator[Items]:
    """Yield the items of an answer, in its order.

    Args:
        raw: Path of the gzip file that `mercado.sipsa.client` wrote, or the open bytes of an answer, not compressed.
        operation: Whose answer it is.

    Raises:
        SourceContractError: A fault, another operation's answer, an item of another form, malformed or cut XML; names
            the file and the place. Items before that place have been yielded.
    """
    if not isinstance(raw, Path):
        yield from _Reader(operation, str(getattr(raw, "name", "the answer"))).items(raw)
        return
    try:
        with gzip.open(raw) as stream:
            yield from _Reader(operation, str(raw)).items(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceContractError(f"{raw}: expected a whole gzip file ({error}). Fetch it again.") from error


class _Reader:
    """Reads one answer; knows what its envelope opens with, so that lxml can read any piece of it."""

    def __init__(self, operation: Operation, where: str) -> None:
        self._operation = operation
        self._where = where
        self._expect(tuple(field.name for field in operation.fields))
        self._parser = parser()
        self._opening = self._closing = ""
        self._count = 0

    def _expect(self, names: tuple[str, ...]) -> None:
        self._names = names
        fields = "".join(f"(?:<{name}>({PLAIN_TEXT})</{name}>)?+" for name in map(re.escape, names))
        self._match = re.compile(f"<{ITEM}>{fields}</{ITEM}>").match

    def _expect_also(self, texts: dict[str, str]) -> None:
        """Let the pattern know the new fields of an item, each where it stands, or all would be left to lxml."""
        names, place = list(self._names), 0
        for name in texts:
            if name not in names:
                names.insert(place, name)
            place = names.index(name) + 1
        if len(self._names) < len(names) <= MOST_FIELDS:
            self._expect(tuple(names))

    def items(self, stream: IO[bytes] | gzip.GzipFile) -> Iterator[Items]:
        rest = b""
        while block := stream.read(BLOCK_BYTES):
            whole, end, rest = (rest + block).rpartition(ITEM_END.encode())
            if len(rest) > LONGEST_ITEM_BYTES:
                raise self._broken(f"no {ITEM_END} in {LONGEST_ITEM_BYTES} bytes")
            if end:
                yield from self._items_of(self._after_opening(whole + end))
        yield from self._parsed(self._after_opening(rest), closing="")

    def _items_of(self, text: str) -> Iterator[Items]:
        place = 0
        while place < len(text):
            match, rows = self._match, []
            while found := match(text, place):
                rows.append(found.groups())
                place = found.end()
            if rows:
                yield self._counted(self._names, rows)
            if place < len(text):
                end = text.index(ITEM_END, place) + len(ITEM_END)
                for items in self._parsed(text[place:end], closing=self._closing):
                    yield items
                    self._expect_also(items.texts(0))
                place = end

    def _counted(self, names: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> Items:
        first = self._count + 1
        self._count += len(rows)
        return Items(first, names, rows)

    def _after_opening(self, block: bytes) -> str:
        """Return the block's text without the envelope's opening, which the first block must have."""
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            raise self._broken(f"expected UTF-8 ({error})") from error
        if self._opening:
            return text
        opening, start, items = text.partition(ITEM_START)
        self._closing = self._checked_opening(opening)
        self._opening = opening
        return start + items

    def _checked_opening(self, opening: str) -> str:
        """Return the end tags that close the envelope's opening."""
        root = recovered(opening.encode())
        if root is None or root.tag != f"{{{SOAP}}}Envelope":
            raise self._broken(f"expected a SOAP 1.2 envelope, got {opening!r:.200}")
        if root.getroottree().docinfo.doctype:
            raise self._broken("a document type, which SOAP forbids")
        if fault := fault_text(opening.encode()):
            raise self._broken(f"a SOAP fault ({fault[0]}): {fault[1]}")
        wrapper, expected = root.find(f"{{{SOAP}}}Body/*"), f"{{{NAMESPACE}}}{self._operation.name}Response"
        if wrapper is None or wrapper.tag != expected or len(wrapper):
            found = "nothing" if wrapper is None else " / ".join(each.tag for each in (wrapper, *wrapper[:1]))
            raise self._broken(f"expected {expected} with <{ITEM}> items, got {found}")
        names = [
            f"{each.prefix}:{etree.QName(each).localname}" if each.prefix else etree.QName(each).localname
            for each in (wrapper, wrapper.getparent(), root)
        ]
        return "".join(f"</{name}>" for name in names)

    def _parsed(self, piece: str, *, closing: str) -> Iterator[Items]:
        try:
            root = etree.fromstring((self._opening + piece + closing).encode(), self._parser)
        except etree.XMLSyntaxError as error:
            raise self._broken(f"malformed or cut XML ({error.msg}) in {piece!r:.200}") from error
        for element in root.find(f"{{{SOAP}}}Body")[0]:
            texts = {etree.QName(field).localname: "".join(field.itertext()) for field in element}
            if element.tag != ITEM or len(texts) != len(element):
                raise self._broken(f"expected <{ITEM}> with each field once, got {etree.tostring(element)!r:.200}")
            yield self._counted(tuple(texts), [tuple(texts.values())])

    def _broken(self, what: str) -> SourceContractError:
        return SourceContractError(
            f"{self._where}, {self._operation.name} after item {self._count}: {what}. The service may have changed, or "
            f"the answer was cut: compare with `mercado sipsa contract`, then fetch again."
        )
