"""The browser: the Chromium of this machine. Without one, `python -m tests.browser.chromium` fails and says so."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing but the pages under test is asked for anything.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
MISSING = (
    "No Chromium on the PATH: install the package `chromium` (Debian, Ubuntu), as root: "
    "apt-get update && apt-get install chromium"
)


def find_chromium() -> Path | None:
    """Return the first browser of ``NAMES`` on the PATH, if any."""
    found = filter(None, map(shutil.which, NAMES))
    return next(map(Path, found), None)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run a headless Chromium with a fresh profile until the block ends.

    Its own sandbox needs another user than root.

    Raises:
        FileNotFoundError: There is none on this machine; says what to install.
    """
    program = find_chromium()
    if program is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), chromium_sandbox=os.getuid() != 0
        )
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(None if find_chromium() else MISSING)
