"""An archive file's text: a header is left out, and bytes that are no zip of CSV break the contract."""

import hashlib
import io
import zipfile

import pytest

from mercado.bitcoin.archive import ArchiveFile
from mercado.errors import SourceContractError

URL = "https://an.archive/BTCUSDT-1m-2025-01.zip"
LINES = b"1735689600000000,1,2\n1735689660000000,1,2\n"


def zipped(*texts: bytes) -> ArchiveFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, text in enumerate(texts):
            archive.writestr(f"{number}.csv", text)
    return ArchiveFile(URL, buffer.getvalue())


def test_the_text_is_what_was_zipped() -> None:
    assert zipped(LINES).text() == LINES
    assert zipped(b"").text() == b""


@pytest.mark.parametrize("header", [b"open_time,open,high\n", b'"open_time","open","high"\r\n'])
def test_a_header_is_left_out(header: bytes) -> None:
    assert zipped(header + LINES).text() == LINES


def test_a_first_row_of_quoted_numbers_is_no_header() -> None:
    assert zipped(b'"1735689600000000","1","2"\n').text() == b'"1735689600000000","1","2"\n'


@pytest.mark.parametrize(
    "file", [ArchiveFile(URL, b"<html>"), zipped(), zipped(LINES, LINES), zipped("1735689600000000,ñ\n".encode())]
)
def test_bytes_that_are_no_zip_with_one_csv_file_break_the_contract_and_are_named(file: ArchiveFile) -> None:
    with pytest.raises(SourceContractError, match=r"BTCUSDT-1m-2025-01.zip: expected a zip with one CSV file"):
        file.text()


def test_the_record_is_of_the_bytes_as_received() -> None:
    file = zipped(LINES)
    answer = file.answer(rows_read=2)
    assert (answer.url, answer.byte_count, answer.rows_read) == (URL, len(file.content), 2)
    assert answer.sha256 == hashlib.sha256(file.content).hexdigest()
