"""What the command line prints: results on standard output, errors on standard error."""

import sys
from typing import NoReturn

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print one line."""
    console.print(text, markup=False)


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
