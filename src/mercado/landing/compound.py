"""The compound file (OLE) that an .xls is: every chain of sectors is followed to its end before anything reads it.

`python_calamine` trusts counts and chains, and a damaged one makes it fill the memory, which ends the whole process.
The form is that of [MS-CFB]: sectors of one size, chained by a table (FAT); short streams lie in smaller sectors, with
a table of their own, within the stream of the root entry.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mercado.errors import RejectedFileError
from mercado.landing.checks import refusal
from mercado.landing.document import Problem

SIGNATURE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
SECTOR_SHIFTS: Final = (9, 12)
MINI_SECTOR_BYTES: Final = 64
MINI_STREAM_LIMIT: Final = 4096
HEADER_BYTES: Final = 512
ENTRY_BYTES: Final = 128
END_OF_CHAIN, FREE = 0xFFFFFFFE, 0xFFFFFFFF
ROOT, STREAM = 5, 2


@dataclass(frozen=True)
class Entry:
    """An entry of the directory: where its stream begins, and how long it is."""

    kind: int
    start: int
    size: int


@dataclass(frozen=True)
class CompoundFile:
    """A compound file whose tables are sound.

    Attributes:
        entries: By name; the storages that nest them do not matter here.
    """

    entries: dict[str, Entry]
    _sectors: "_Sectors"
    _mini_sectors: "_Sectors"

    def stream(self, name: str) -> bytes:
        """Return the bytes of a stream.

        Raises:
            RejectedFileError: The file is cut or damaged where the stream lies.
        """
        entry = self.entries[name]
        sectors = self._sectors if entry.size >= MINI_STREAM_LIMIT else self._mini_sectors
        data = sectors.chained(entry.start)[: entry.size]
        if len(data) < entry.size:
            raise damaged(f"{len(data):,} of the {entry.size:,} bytes of {name}")
        return data


@dataclass(frozen=True)
class _Sectors:
    content: bytes
    size: int
    table: Sequence[int]

    def chained(self, start: int) -> bytes:
        parts: list[bytes] = []
        number = END_OF_CHAIN if start == FREE else start
        while number != END_OF_CHAIN:
            if number >= len(self.table) or len(parts) * self.size > len(self.content):
                raise damaged(f"a chain without an end, or to sector {number:,} of {len(self.table):,}")
            parts.append(self.sector(number))
            number = self.table[number]
        return b"".join(parts)

    def sector(self, number: int) -> bytes:
        data = self.content[number * self.size : (number + 1) * self.size]
        if not data:
            raise damaged(f"sector {number:,} beyond the end of the file")
        return data


def opened(content: bytes) -> CompoundFile:
    """Return a compound file, its tables checked.

    Raises:
        RejectedFileError: The file is cut or damaged.
    """
    if len(content) < HEADER_BYTES:
        raise damaged(f"{len(content)} bytes")
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    if shift not in SECTOR_SHIFTS or 1 << mini_shift != MINI_SECTOR_BYTES:
        raise damaged("a header with impossible sizes")
    directory_sectors, fat_sectors, directory = struct.unpack_from("<III", content, 40)
    mini_fat, mini_fat_sectors, difat, difat_sectors = struct.unpack_from("<IIII", content, 60)
    size = 1 << shift
    plain = _Sectors(content[size:], size, ())
    if max(directory_sectors, fat_sectors, mini_fat_sectors, difat_sectors) > len(content) // size:
        raise damaged("a header that counts more sectors than there are")
    sectors = _Sectors(plain.content, size, _numbers(_fat(plain, content, difat, difat_sectors)))
    entries = _entries(sectors.chained(directory), wide=shift == max(SECTOR_SHIFTS))
    root = next((entry for entry in entries.values() if entry.kind == ROOT), None)
    if root is None or any(entry.size > len(content) for entry in entries.values()):
        raise damaged("a directory without a root, or with a stream longer than the file")
    mini_sectors = _Sectors(sectors.chained(root.start), MINI_SECTOR_BYTES, _numbers(sectors.chained(mini_fat)))
    return CompoundFile(entries, sectors, mini_sectors)


def _fat(plain: _Sectors, content: bytes, difat: int, difat_sectors: int) -> bytes:
    """Return the table of chains, whose own sectors are listed in the header and in a chain of further lists."""
    listed = list(struct.unpack_from("<109I", content, 76))
    for _ in range(difat_sectors):
        if difat in (END_OF_CHAIN, FREE):
            break
        *more, difat = _numbers(plain.sector(difat))
        listed += more
    if difat not in (END_OF_CHAIN, FREE):
        raise damaged("a list of tables without an end")
    return b"".join(plain.sector(number) for number in listed if number != FREE)


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _entries(directory: bytes, *, wide: bool) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for place in range(0, len(directory) - ENTRY_BYTES + 1, ENTRY_BYTES):
        name_bytes, kind = struct.unpack_from("<HB", directory, place + 64)
        start, size = struct.unpack_from("<IQ" if wide else "<II", directory, place + 116)
        if kind in (ROOT, STREAM):
            name = directory[place : place + max(min(name_bytes, 64) - 2, 0)].decode("utf-16-le", errors="replace")
            entries.setdefault(name, Entry(kind, start, size))
    return entries


def damaged(found: str) -> RejectedFileError:
    """Return the error that refuses a damaged .xls."""
    return refusal(
        Problem("file", "a whole .xls file", found), advice="It was cut or damaged. Fetch it again from DANE."
    )
