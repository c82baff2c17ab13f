"""A workbook is opened by its content; whatever is none, is damaged or hostile is refused and harms nobody."""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from mercado.errors import RejectedFileError
from mercado.landing import biff, ooxml, spreadsheet
from mercado.landing.document import LARGEST_BYTES, Problem
from mercado.landing.spreadsheet import open_workbook
from tests.unit.landing.builders import Formula, Rows, edited, xls, xlsx

ROWS: Rows = [[], [None, "Acelga", 1333.5, date(2026, 9, 18)], [None, None, 7]]
SHEET = "xl/worksheets/sheet1.xml"
MEGABYTE = 1024**2
Write = Callable[[dict[str, Rows]], bytes]

DAMAGED = {
    "xls": xls({"1.1": [["Acelga", number, 0.5] for number in range(60)], "1.2": ROWS}),
    "xlsx": xlsx({"1.1": [["Acelga", number, 0.5] for number in range(60)], "1.2": ROWS}),
}


def refusal(content: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(RejectedFileError) as caught:
        open_workbook(content)
    assert all(isinstance(problem, Problem) for problem in caught.value.problems)
    assert caught.value.problems
    return str(caught.value)


def with_member(workbook: bytes, name: str, data: bytes) -> bytes:
    stream = io.BytesIO(workbook)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize("write", [xlsx, xls])
def test_cells_stand_where_they_do_in_the_sheet_though_it_begins_later(write: Write) -> None:
    (sheet,) = open_workbook(write({"1.9 ": ROWS})).sheets
    assert sheet.name == "1.9"
    assert sheet.rows == [["", "", "", ""], ["", "Acelga", 1333.5, date(2026, 9, 18)], ["", "", 7, ""]]


def test_formulas_are_read_as_the_values_that_were_left_for_them() -> None:
    cells: Rows = [[Formula("='[other.xlsx]1.1'!A1", 1400), Formula('="n"&".d."', "n.d."), 3]]
    assert open_workbook(xlsx({"1.1": cells})).sheets[0].rows == [[1400, "n.d.", 3]]


def test_a_link_to_another_workbook_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    other.write_bytes(xlsx({"1.1": [[9999]]}))
    linked = _with_external_link(xlsx({"1.1": [[Formula("='[1]1.1'!A1", 1400)]]}), other.as_uri())
    assert open_workbook(linked).sheets[0].rows == [[1400]]


def _with_external_link(workbook: bytes, target: str) -> bytes:
    """Return a workbook whose formulas' [1] is another file, as Excel links it."""
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
    link = "xl/externalLinks/externalLink1.xml"
    inserted = {
        "[Content_Types].xml": ("</Types>", f'<Override PartName="/{link}" ContentType="{content_type}"/>'),
        "xl/_rels/workbook.xml.rels": (
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{office}/externalLink" Target="externalLinks/externalLink1.xml"/>',
        ),
        "xl/workbook.xml": ("<calcPr", '<externalReferences><externalReference r:id="rId99"/></externalReferences>'),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(stream, "w") as after:
        for name in before.namelist():
            text = before.read(name).decode()
            place, addition = inserted.get(name, ("", ""))
            assert place in text
            after.writestr(name, text.replace(place, addition + place) if place else text)
        book = '<externalBook r:id="rId1"><sheetNames><sheetName val="1.1"/></sheetNames></externalBook>'
        after.writestr(link, f'<externalLink xmlns="{main}" xmlns:r="{office}">{book}</externalLink>')
        relation = f'<Relationship Id="rId1" Type="{office}/externalLinkPath" Target="{target}" TargetMode="External"/>'
        after.writestr(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{relation}</Relationships>',
        )
    return stream.getvalue()


@pytest.mark.parametrize("write", [xlsx, xls])
def test_an_error_is_seen_and_not_taken_for_a_blank(write: Write) -> None:
    cells: Rows = [[], [None, Formula("=1/0", "#DIV/0!"), 2], [True, None, Formula("=Hoja1!A1", "#REF!")]]
    first, second = open_workbook(write({"1.1": [[1]], "1.2": cells})).sheets
    assert first.rows == [[1]]
    assert second.rows == [["", "", ""], ["", "#DIV/0!", 2], [True, "", "#REF!"]]


def test_hidden_sheets_and_charts_are_not_read_and_the_former_noted() -> None:
    workbook = open_workbook(xlsx({"1.1": ROWS, "old": ROWS}, hidden=("old",)))
    assert [sheet.name for sheet in workbook.sheets] == ["1.1"]
    assert workbook.notes == ["sheet 'old' is hidden and was not read"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b"   \r\n", "text"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "an HTML page"),
        (b"\xef\xbb\xbf\n<HTML><table><tr><td>Producto", "an HTML page"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b'<?xml version="1.0"?><Workbook>', "XML"),
        (b"Producto;Mercado;Precio\r\nAcelga;Armenia;1333", "text, perhaps CSV"),
        (b"\x1f\x8b\x08\x00", "a gzip file"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"PK\x05\x06" + bytes(18), "an empty or damaged zip"),
        (bytes(4096), "something else"),
    ],
)
def test_what_is_no_workbook_is_named_by_its_first_bytes(content: bytes, what: str) -> None:
    message = refusal(content)
    assert what in message
    assert "expected an Excel workbook" in message


@pytest.mark.parametrize("container", ["xlsx", "xls"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.96])
def test_a_file_that_was_cut_is_refused_as_such(container: str, kept: float) -> None:
    content = (xlsx if container == "xlsx" else xls)({"1.1": [["Acelga", number] for number in range(400)]})
    assert f"a whole .{container} file" in refusal(content[: int(len(content) * kept)])


def test_other_zip_files_are_no_workbooks() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert "found 'mimetype, content.xml'" in refusal(stream.getvalue())


def test_other_compound_files_are_no_workbooks() -> None:
    content = xls({"1.1": ROWS}).replace("Workbook".encode("utf-16-le"), "Wordbook".encode("utf-16-le"))
    assert "a workbook in the compound file, found 'Root Entry, Wordbook'" in refusal(content)


def test_a_password_protected_xlsx_is_refused() -> None:
    protected = io.BytesIO()
    OOXMLFile(io.BytesIO(xlsx({"1.1": ROWS}))).encrypt("secret", protected)
    assert "a workbook without a password" in refusal(protected.getvalue())


def test_a_password_protected_xls_is_refused() -> None:
    content = xls({"1.1": ROWS})
    author, password = struct.pack("<HH", 0x005C, 112), struct.pack("<HH", 0x002F, 112)
    assert content.count(author) == 1
    assert "a workbook without a password" in refusal(content.replace(author, password))


def test_an_encrypted_member_is_refused() -> None:
    content = bytearray(xlsx({"1.1": ROWS}))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 8] |= 1
    assert "is encrypted" in refusal(bytes(content))


def test_a_file_that_is_too_large_is_refused_unseen() -> None:
    with patch.object(spreadsheet.ooxml, "checked", side_effect=AssertionError("it was opened")):
        assert f"at most {LARGEST_BYTES:,} bytes" in refusal(b"PK\x03\x04" + bytes(LARGEST_BYTES))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = with_member(xlsx({"1.1": ROWS}), "xl/media/image1.png", bytes(30 * MEGABYTE))
    assert len(bomb) < MEGABYTE
    with patch.object(ooxml, "_unpacked", side_effect=AssertionError("it was unpacked")):
        assert "packed at most 200 to 1" in refusal(bomb)


def test_members_that_are_too_large_together_are_refused() -> None:
    workbook = with_member(xlsx({"1.1": ROWS}), "xl/media/image1.png", random.Random(1).randbytes(4096))
    with patch.object(ooxml, "GREATEST_UNPACKED_BYTES", 4096):
        assert "at most 4,096 bytes when unpacked" in refusal(workbook)


def test_a_member_that_holds_more_than_it_declares_is_refused() -> None:
    """The declared size is what a bomb lies about; 30 MB are never unpacked, whatever the checksum says."""
    name = b"xl/media/image1.png"
    content = bytearray(with_member(xlsx({"1.1": ROWS}), name.decode(), bytes(30 * MEGABYTE)))
    entry = content.rindex(b"PK\x01\x02")
    assert content[entry + 46 :].startswith(name)
    struct.pack_into("<I", content, entry + 24, 1000)
    assert "which is not what the directory declares" in refusal(bytes(content))


def test_a_flipped_bit_is_noticed_in_an_xlsx() -> None:
    content = bytearray(xlsx({"1.1": [["Acelga", number] for number in range(400)]}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        offset = archive.getinfo(SHEET).header_offset
    content[offset + 200] ^= 4
    assert SHEET in refusal(bytes(content))


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576"])
def test_one_cell_far_away_does_not_fill_the_memory(place: str) -> None:
    content = edited(xlsx({"1.1": [[1, 2, 3]]}), SHEET, b'r="C1"', f'r="{place}"'.encode())
    if place.startswith("A"):
        content = edited(content, SHEET, b'r="B1"', b'r="B1048576"')
    assert "at most 1,000,000 cells" in refusal(content)


def test_a_far_cell_without_a_value_is_no_cell() -> None:
    far = b'<c r="XFD1048576" s="0"/></row></sheetData>'
    content = edited(xlsx({"1.1": [[1, 2]]}), SHEET, b"</row></sheetData>", far)
    assert open_workbook(content).sheets[0].rows == [[1, 2]]


def test_cells_written_in_another_way_are_counted_too() -> None:
    content = edited(xlsx({"1.1": [[1, 2]]}), SHEET, b'<c r="B1"', b"<c  r='XFD1048576'")
    assert "at most 1,000,000 cells" in refusal(content)


def test_cells_that_do_not_say_where_they_are_are_refused() -> None:
    content = edited(xlsx({"1.1": [[1, 2]]}), SHEET, b'<c r="B1"', b"<c")
    assert "do not say where they are" in refusal(content)


def test_too_many_cells_of_an_xls_are_refused() -> None:
    content = xls({f"1.{number}": [[1]] + [[] for _ in range(65534)] + [[None] * 30 + [1]] for number in range(1, 3)})
    assert "at most 1,000,000 cells" in refusal(content)


def test_a_number_beyond_all_time_that_is_shown_as_one_is_refused() -> None:
    content = edited(xlsx({"1.1": [[date(2026, 9, 18)]]}), SHEET, b"<v>46283</v>", b"<v>1e300</v>")
    content = edited(content, "xl/styles.xml", b"dd/mm/yyyy", b"[h]:mm")
    assert "a workbook that can be read" in refusal(content)


def test_a_text_that_is_in_no_table_of_texts_is_refused() -> None:
    content = edited(xlsx({"1.1": [["Acelga"]]}), SHEET, b"<v>0</v>", b"<v>77</v>")
    assert "a workbook that can be read, found" in refusal(content)


def test_a_panic_of_the_reading_library_is_a_refusal_and_an_interruption_is_none() -> None:
    panic = type("PanicException", (BaseException,), {})("index out of range")
    with patch.object(spreadsheet, "CalamineWorkbook") as library:
        library.from_filelike.side_effect = panic
        assert "PanicException: index out of range" in refusal(xlsx({"1.1": ROWS}))
        library.from_filelike.side_effect = KeyboardInterrupt
        with pytest.raises(KeyboardInterrupt):
            open_workbook(xlsx({"1.1": ROWS}))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["xls", "xlsx"]))
def test_whatever_is_damaged_is_read_or_refused(seed: int, container: str) -> None:
    chance = random.Random(seed)
    content = bytearray(DAMAGED[container])
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(content))
        content[place : place + chance.choice([1, 1, 4, 64])] = chance.randbytes(chance.choice([1, 1, 4]))
    with suppress(RejectedFileError):
        open_workbook(bytes(content))


def test_a_record_that_runs_beyond_the_stream_is_damage() -> None:
    begin = struct.pack("<HHHH", 0x0809, 4, 0x0600, 5)
    with pytest.raises(RejectedFileError, match=r"a whole \.xls file"):
        biff.checked(begin + struct.pack("<HH", 0x00FC, 60_000))
    with pytest.raises(RejectedFileError, match="more texts than fit"):
        biff.checked(begin + struct.pack("<HHII", 0x00FC, 8, 1, 2**31) + struct.pack("<HH", 0x000A, 0))
