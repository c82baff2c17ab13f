"""The report beside a quarantined file: what is wrong with it, everything in a table, and what to do; in Markdown."""

import re
import shlex
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Final

from mercado.landing.document import Problem
from mercado.landing.files import write_text
from mercado.landing.ledger import LedgerEntry
from mercado.landing.moving import REPORT_SUFFIX

PROBLEMS_SHOWN: Final = 200
LONGEST_TEXT: Final = 200
LONGEST_REASON: Final = 5_000
SHA_SHOWN: Final = 12
# What would begin an emphasis, a link, a cell or a tag.
MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~#&])")


def report_path(kept: Path) -> Path:
    """Return where the report of a quarantined file is."""
    return kept.with_name(f"{kept.name}{REPORT_SUFFIX}")


def write_report(entry: LedgerEntry, problems: Sequence[Problem], kept: Path) -> None:
    """Write the report of a refused file beside it, whole, in place of an earlier one."""
    write_text(rendered(entry, problems, kept.name), report_path(kept))


def rendered(entry: LedgerEntry, problems: Sequence[Problem], kept_name: str) -> str:
    """Return the report of a refused file.

    Args:
        entry: What the ledger says of it.
        problems: Everything that is wrong with it; only the first ones are listed.
        kept_name: Its name in quarantine.
    """
    return "\n".join([*_facts(entry), *_listed(entry, problems), *_advice(entry, kept_name)])


def escaped(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return a text from a file so that Markdown shows it as it is: on one line, and not too long."""
    one_line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    shown = one_line if len(one_line) <= longest else f"{one_line[:longest]} … ({len(one_line)} characters)"
    return MARKUP.sub(r"\\\1", shown)


def _facts(entry: LedgerEntry) -> list[str]:
    names = list(reversed(entry.file_names))
    also = f" (dropped as {', '.join(map(escaped, names[1:]))} too)" if names[1:] else ""
    return [
        f"# {escaped(names[0])} was not loaded",
        "",
        escaped(entry.error or "", longest=LONGEST_REASON),
        "",
        f"- **File**: {escaped(names[0])}{also}, {entry.byte_count:,} bytes",
        f"- **SHA-256**: {entry.file_sha256}",
        f"- **Refused**: {entry.finished_at_utc.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, attempt {entry.attempts}",
        f"- **Recorded**: `sipsa_data.file_ingestion_log`, and load {entry.load_id} in `ops.loads`",
        "",
        "None of its rows is in the tables: a workbook is loaded as a whole or not at all.",
        "",
    ]


def _listed(entry: LedgerEntry, problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return []
    lines = [f"## What is wrong ({len(problems):,})", "", "| where | expected | found |", "|---|---|---|"]
    shown = [(each.place, each.rule, each.raw_text) for each in problems[:PROBLEMS_SHOWN]]
    lines += [f"| {' | '.join(map(escaped, texts))} |" for texts in shown]
    more = len(problems) - PROBLEMS_SHOWN
    if more > 0:
        lines += ["", f"… and {more:,} more, in `ops.rejected_rows` with `load_id = {entry.load_id}`."]
    return [*lines, ""]


def _advice(entry: LedgerEntry, kept_name: str) -> list[str]:
    return [
        "## What to do",
        "",
        "- **The file is wrong**: mend it, or get the right one from DANE, and drop that into the landing zone.",
        "  The same bytes are tried again too when they are dropped again, and this report is renewed.",
        "- **To see what the reader sees**, without a database, in this folder:",
        "",
        "  ```",
        f"  mercado landing inspect {shlex.quote(kept_name)}",
        "  ```",
        "",
        "- **The file is right, and the reader is wrong**: report it with this file. Once the reader is mended:",
        "",
        "  ```",
        f"  mercado landing replay {entry.file_sha256[:SHA_SHOWN]}",
        "  ```",
        "",
        "Once the content is loaded, this file moves to the archive and this report is removed.",
        "",
    ]
