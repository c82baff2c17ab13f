"""What the command line prints: results on standard output, errors on standard error."""

import codecs
import csv
import io
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from rich.console import Console

PLAIN_LETTERS = "mercado.plain_letters"
console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print one line."""
    console.print(text, markup=False)


def write_csv(columns: Sequence[str], pages: Iterable[Sequence[Mapping[str, Any]]]) -> None:
    """Write rows to standard output as CSV in UTF-8 with a header; when its reader goes away, end quietly.

    Args:
        columns: Keys of the rows, in the order of the file.
        pages: The rows, some at a time; times in ISO 8601, nothing for ``None``.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    try:
        for page in pages:
            writer.writerows({name: _text(row[name]) for name in columns} for row in page)
            sys.stdout.buffer.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_any_text() -> None:
    """Let letters that standard output has no code for be printed without their accents, or as question marks."""
    codecs.register_error(PLAIN_LETTERS, _plain_letters)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=PLAIN_LETTERS)


def _plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    plain = (unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?" for letter in letters)
    return "".join(plain), error.end


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def fail(error: BaseException, text: str | None = None, *, status: int = 1) -> NoReturn:
    """End with one clear line; with ``--debug`` raise the error, so that its traceback is seen.

    Args:
        error: What went wrong.
        text: The line; default: the error's own words.
        status: Exit code.
    """
    if "--debug" in sys.argv:
        raise error
    line = " ".join((text or str(error)).splitlines())
    sys.stderr.write(f"Error: {line}\n")
    sys.exit(status)
