"""The documentation as tests read it: its pages, and the headings, links and commands in each."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).parent.parent.parent
# Records of what was measured or decided once; their commands are history.
RECORDS: Final = ("CHANGELOG.md", "docs/adr/", "docs/benchmarks.md", "docs/reliability.md", "docs/memory.md")
GENERATED: Final = ("docs/api.md", "docs/data-dictionary.md")
INLINE: Final = re.compile(
    r"([A-Z_]+=\S+ )*(make|mercado|curl|docker|sha256sum|select|psql|git|\.venv/bin/\w+) .*|\.venv/bin/\w+"
)
COMMENT: Final = re.compile(r"\s{2,}# .*")


@dataclass(frozen=True)
class Command:
    """A command that a reader is told to type.

    Attributes:
        text: As written, without its comment.
        place: File and line.
        output: Lines that the page says it prints; none where it shows none.
    """

    text: str
    place: str
    output: tuple[str, ...] = ()


@cache
def repository_files() -> frozenset[str]:
    """Return the paths of all files of the repository, those not committed yet included."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return frozenset(file for file in files if (ROOT / file).exists())


def pages() -> list[str]:
    """Return every Markdown file of the repository."""
    return sorted(file for file in repository_files() if file.endswith(".md"))


def pages_with_commands() -> list[str]:
    """Return the pages whose commands a reader is meant to type."""
    return [page for page in pages() if "/" not in page or page.startswith("docs/") if not page.startswith(RECORDS)]


@cache
def tokens(page: str) -> tuple[Token, ...]:
    """Return a page as CommonMark's blocks, tables included."""
    return tuple(MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8")))


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, by GitHub's rule; a repeated heading gets a number."""
    seen: Counter[str] = Counter()
    found = set()
    blocks = tokens(page)
    for place, block in enumerate(blocks):
        if block.type == "heading_open":
            slug = _slug("".join(part.content for part in blocks[place + 1].children or []))
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
    return found


def links(page: str) -> list[str]:
    """Return the targets of a page's links and images."""
    parts = (part for block in tokens(page) for part in block.children or [])
    targets = (part.attrGet("href") if part.type == "link_open" else part.attrGet("src") for part in parts)
    return [str(target) for target in targets if target]


def resolved(page: str, path: str) -> str:
    """Return the path in the repository that a relative link of a page leads to."""
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / path).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def commands(page: str) -> list[Command]:
    """Return a page's commands: of its ``console`` and ``sql`` blocks, and its code spans that are commands.

    A generated page quotes descriptions from the code, whose spans are not meant to be typed.
    """
    return [*_block_commands(page), *(() if page in GENERATED else _inline_commands(page))]


def typed_commands(block: str, where: str) -> Iterator[Command]:
    """Return the commands of a ``console`` block, each with the lines below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        text = COMMENT.sub("", lines[0])
        rest = lines[1:]
        while rest and (text.endswith("\\") or text.count("'") % 2 or text.count('"') % 2):
            text, rest = f"{text}\n{rest[0]}", rest[1:]
        yield Command(text, where, tuple(line for line in rest if line.strip()))


def _block_commands(page: str) -> Iterator[Command]:
    fences = [block for block in tokens(page) if block.type == "fence"]
    for place, fence in enumerate(fences):
        where = f"{page}:{(fence.map or [0])[0] + 1}"
        if fence.info == "sql":
            yield Command(" ".join(fence.content.split()), where)
        if fence.info == "console":
            typed = list(typed_commands(fence.content, where))
            following = fences[place + 1] if place + 1 < len(fences) else None
            if typed and not typed[-1].output and following and following.info == "text":
                typed[-1] = Command(typed[-1].text, where, tuple(following.content.splitlines()))
            yield from typed


def _inline_commands(page: str) -> Iterator[Command]:
    for block in tokens(page):
        for part in block.children or []:
            if part.type == "code_inline" and INLINE.fullmatch(part.content):
                yield Command(part.content, f"{page}:{(block.map or [0])[0] + 1}")


def _slug(heading: str) -> str:
    kept = "".join(letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")
