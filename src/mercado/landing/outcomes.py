"""What became of a dropped file, for whoever asked to ingest it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from mercado.landing.document import LayoutName
from mercado.sipsa.seen_names import UnmappedName
from mercado.warehouse.loads import MergeCounts


class Status(StrEnum):
    """What became of a file.

    ``GONE`` vanished before it could be read. ``WAITING`` stays where it is, for a reason that the outcome's error
    tells: it is being written, or loaded by another process, or may not be read.
    """

    LOADED = "loaded"
    ALREADY_LOADED = "already loaded"
    REFUSED = "refused"
    GONE = "gone"
    WAITING = "waiting"


@dataclass(frozen=True)
class FileOutcome:
    """What became of a file.

    Attributes:
        name: Of the file.
        status: In a word.
        sha256: Hex digest of its content, if it could be read.
        layout: Of the workbook, where it is known.
        report_date: That it is about, where it is known.
        load_id: Its row in ``ops.loads``, if it was loaded.
        counts: Rows inserted, updated and left unchanged.
        rejected: Cells and rows that break a rule, in ``ops.rejected_rows``.
        unmapped: Names in it that no reviewed table knows.
        notes: What a person should know.
        kept_at: Where it is now, if it was moved.
        error: Why it was refused, or waits.
    """

    name: str
    status: Status
    sha256: str | None = None
    layout: LayoutName | None = None
    report_date: date | None = None
    load_id: int | None = None
    counts: MergeCounts = field(default_factory=MergeCounts)
    rejected: int = 0
    unmapped: tuple[UnmappedName, ...] = ()
    notes: tuple[str, ...] = ()
    kept_at: Path | None = None
    error: str | None = None
