"""A page that is watched: what went wrong in it, beside what a test expects."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response

REFUSED = "Failed to load resource"
# A question that the page itself withdrew, or an answer that became a file, is no fault.
WITHDRAWN = "net::ERR_ABORTED"


@dataclass
class Watch:
    """What went wrong in a page since it was opened.

    Attributes:
        page: The page.
        problems: Each console error, uncaught error, request without an answer, and answer of 400 or above.
        expected: Answers that are no fault: path and status.
    """

    page: Page
    problems: list[str] = field(default_factory=list)
    expected: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", self._uncaught)
        self.page.on("requestfailed", self._unanswered)
        self.page.on("response", self._answered)

    def expect(self, path: str, status: int) -> None:
        """Let one address answer with one status above 399."""
        self.expected.add((path, status))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # The answers themselves are looked at below; this line of the console has no more than the status.
        path = urlsplit(message.location["url"]).path
        if not (message.text.startswith(REFUSED) and any(path == known for known, _ in self.expected)):
            self.problems.append(f"console: {message.text} ({message.location['url']})")

    def _uncaught(self, error: Error) -> None:
        self.problems.append(f"uncaught: {error.stack or error.message}")

    def _unanswered(self, request: Request) -> None:
        if request.failure != WITHDRAWN:
            self.problems.append(f"no answer: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and (urlsplit(response.url).path, response.status) not in self.expected:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")
