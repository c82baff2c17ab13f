"""An HTML page, read for tests."""

from dataclasses import dataclass
from html.parser import HTMLParser


@dataclass(frozen=True)
class Page:
    """A page as a browser finds it.

    Attributes:
        html: Its source.
        tags: Each element's name and attributes, in order.
        text: What is read, with single spaces.
    """

    html: str
    tags: list[tuple[str, dict[str, str | None]]]
    text: str

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


class _Reader(HTMLParser):
    VOID = ("meta", "img")

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def read_page(html: str) -> Page:
    """Return a page; every element that it opens must be closed, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return Page(html, reader.tags, " ".join(" ".join(reader.words).split()))
