"""The zip file that an .xlsx is: proved harmless before anything reads it.

`python_calamine` unpacks whatever a member holds and makes room for every cell between the first and the last, so that
a few bytes could take all memory; running out of it ends the whole process, which no exception handler sees. So each
member is unpacked here first, to no more than it declares, its checksum is compared, and the cells are counted.
"""

import io
import posixpath
import re
import string
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from lxml import etree  # type: ignore[import-untyped]

from mercado.errors import RejectedFileError
from mercado.landing.cells import ErrorCells, column_number
from mercado.landing.checks import refusal, require_few_cells
from mercado.landing.document import Problem
from mercado.sipsa.soap import parser

GREATEST_UNPACKED_BYTES: Final = 400 * 1024**2
GREATEST_RATIO: Final = 200
# A member this small may be packed as tightly as it likes.
HARMLESS_BYTES: Final = 1024**2
ENCRYPTED: Final = 0x1
LOCAL_HEADER_BYTES: Final = 30
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
# A cell with a value, as Excel writes it; and any reference to a cell, for other writers.
CELL: Final = re.compile(rb'<c r="([A-Z]{1,3}+[0-9]{1,7}+)"[^>]*+(?<!/)>')
REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,7}[0-9]{1,10})["']""")
LETTERS: Final = string.ascii_letters.encode()
DIGITS: Final = string.digits.encode()
ERROR: Final = re.compile(rb'<c r="([A-Z]+)([0-9]+)"[^>]*\bt="e"[^>]*>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)


def checked(content: bytes) -> list[ErrorCells]:
    """Check a whole zip file and return its sheets' error cells, in the order of the sheets.

    Raises:
        RejectedFileError: The file is cut or damaged, no workbook, encrypted, a bomb, or has too many cells.
    """
    parts: dict[str, bytes] = {}
    errors: dict[str, ErrorCells] = {}
    cells = 0
    for name, part in _members(content):
        if name in (WORKBOOK, RELATIONS):
            parts[name] = part
        elif b"sheetData" in part:
            cells += _area(part, name)
            errors[name] = _error_cells(part)
    require_few_cells(cells)
    if not any(errors.values()):
        return []
    return [errors.get(name, {}) for name in _sheet_parts(parts[WORKBOOK], parts.get(RELATIONS, b""))]


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise _damaged(f"{len(content):,} bytes whose end is missing or damaged ({error})") from error
    names = [member.filename for member in members]
    if WORKBOOK not in names:
        raise refusal(
            Problem("file", f"a zip file with {WORKBOOK}", ", ".join(names[:5]) or "an empty zip file"),
            advice="It is no Excel workbook: .docx, .ods and .xlsb are not read.",
        )
    _require_harmless(members)
    for member in members:
        yield member.filename, _unpacked(content, member)


def _require_harmless(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    if unpacked > GREATEST_UNPACKED_BYTES:
        raise _bomb(f"at most {GREATEST_UNPACKED_BYTES:,} bytes when unpacked", f"{unpacked:,}")
    for member in members:
        if member.flag_bits & ENCRYPTED:
            raise refusal(
                Problem("file", "a workbook without a password", f"{member.filename} is encrypted"),
                advice="Save it without a password.",
            )
        if member.file_size > HARMLESS_BYTES and member.file_size > GREATEST_RATIO * member.compress_size:
            raise _bomb(
                f"members packed at most {GREATEST_RATIO} to 1",
                f"{member.filename}: {member.compress_size:,} bytes for {member.file_size:,}",
            )


def _unpacked(content: bytes, member: zipfile.ZipInfo) -> bytes:
    """Return a member's bytes: as many as it declares, with the checksum that it declares."""
    header = content[member.header_offset : member.header_offset + LOCAL_HEADER_BYTES]
    if len(header) < LOCAL_HEADER_BYTES or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _damaged(f"{member.filename}, which cannot be unpacked")
    start = member.header_offset + LOCAL_HEADER_BYTES + sum(struct.unpack("<HH", header[26:]))
    packed = content[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = inflater.decompress(packed, member.file_size + 1)
        except zlib.error as error:
            raise _damaged(f"{member.filename}, damaged ({error})") from error
    else:
        data = packed
    if len(data) != member.file_size or zlib.crc32(data) != member.CRC:
        raise _damaged(f"{member.filename}, which is not what the directory declares")
    return data


def _area(part: bytes, name: str) -> int:
    found = CELL.findall(part)
    closed = part.count(b"</c>") + part.count(b":c>")
    if len(found) != closed:
        found = REFERENCE.findall(part)
        if len(found) < closed:
            raise _damaged(f"{name}, whose cells do not say where they are")
    # Of all references at once: a workbook has tens of thousands.
    references = b" ".join(found)
    rows = {*references.translate(None, delete=LETTERS).split()}
    columns = {*references.translate(None, delete=DIGITS).split()}
    return max(map(int, rows), default=0) * max((column_number(each.decode()) + 1 for each in columns), default=0)


def _error_cells(part: bytes) -> ErrorCells:
    if b't="e"' not in part:
        return {}
    return {
        (int(row) - 1, column_number(letters.decode())): text.decode(errors="replace")
        for letters, row, text in ERROR.findall(part)
    }


def _sheet_parts(workbook: bytes, relations: bytes) -> list[str]:
    """Return the names of the sheets' members, in the order of the sheets."""
    try:
        sheets = etree.fromstring(workbook, parser()).iterfind("{*}sheets/{*}sheet")
        targets = {each.get("Id"): each.get("Target", "") for each in etree.fromstring(relations, parser())}
    except etree.XMLSyntaxError as error:
        raise _damaged(f"{WORKBOOK}, malformed ({error.msg})") from error
    keys = [next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "") for sheet in sheets]
    return [posixpath.normpath(posixpath.join("/xl", targets.get(key, "")))[1:] for key in keys]


def _damaged(found: str) -> RejectedFileError:
    return refusal(
        Problem("file", "a whole .xlsx file", found), advice="It was cut or damaged. Fetch it again from DANE."
    )


def _bomb(rule: str, found: str) -> RejectedFileError:
    advice = "No price workbook is like that: it may be a zip bomb. Discard it."
    return refusal(Problem("file", rule, found), advice=advice)
