"""Opening pages as one kind of reader or another, each watched."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.watching import Watch

LOCALES = {"es": "es-CO", "en": "en-GB"}
HEIGHT = 900
# Long enough for a machine that does much else; nothing here measures a time.
WAIT_MILLISECONDS = 60_000


class Visitor:
    """Readers of one test, each with a profile of its own.

    Args:
        browser: That they use.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: list[Page] = []
        self.watches: list[Watch] = []

    def page(
        self,
        *,
        language: str = "en",
        width: int = 1280,
        theme: Literal["light", "dark"] = "light",
        watched: bool = True,
        state: StorageState | None = None,
    ) -> Page:
        """Return an empty page.

        Args:
            language: Of the reader's browser, ``es`` or ``en``.
            width: Of its window, in CSS pixels.
            theme: Of the reader's system.
            watched: Whether faults count: not in pages of other projects.
            state: What the reader's browser has kept, such as a log-in; default: nothing.
        """
        context = self._browser.new_context(
            locale=LOCALES[language],
            viewport={"width": width, "height": HEIGHT},
            color_scheme=theme,
            reduced_motion="reduce",
            accept_downloads=True,
            storage_state=state,
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        expect.set_options(timeout=WAIT_MILLISECONDS)
        page = context.new_page()
        self._pages.append(page)
        if watched:
            self.watches.append(Watch(page))
        return page

    def expect(self, path: str, status: int) -> None:
        """Let one address answer the newest page with one status above 399."""
        self.watches[-1].expect(path, status)

    def problems(self) -> list[str]:
        """Return what went wrong in any of the pages."""
        return [problem for watch in self.watches for problem in watch.problems]

    def photograph(self, folder: Path, name: str) -> None:
        """Keep each page, from top to bottom: the first as ``name.png``, the second as ``name-2.png``."""
        for number, page in enumerate(self._pages, start=1):
            page.screenshot(path=folder / f"{name}{f'-{number}' if number > 1 else ''}.png", full_page=True)

    def close(self) -> None:
        """Close the pages."""
        for page in self._pages:
            page.context.close()
