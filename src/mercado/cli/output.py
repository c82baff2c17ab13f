"""What the command line prints: results on standard output, errors on standard error."""

import sys
from typing import NoReturn

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print one line."""
    console.print(text, markup=False)


def fail(error: object) -> NoReturn:
    """End with one clear line and exit code 1; with ``--debug`` the traceback comes first.

    Args:
        error: The error, or the line itself.
    """
    if isinstance(error, BaseException) and "--debug" in sys.argv:
        raise error
    sys.stderr.write(f"Error: {error}\n")
    sys.exit(1)
