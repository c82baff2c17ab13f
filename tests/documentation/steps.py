"""A guide as a list of steps: files to write, commands to type, queries to ask; in the order of the page."""

import re
from dataclasses import dataclass
from typing import Final

from tests.documentation.pages import Command, tokens, typed_commands

FILE: Final = re.compile(r"File `([^`]+)`:$")


@dataclass(frozen=True)
class WriteFile:
    """A whole file."""

    path: str
    text: str


@dataclass(frozen=True)
class Query:
    """A query of the warehouse."""

    text: str


def steps(page: str) -> list[WriteFile | Command | Query]:
    """Return a guide's steps: a block behind the words "File `path`:" is that file, any other is typed or asked."""
    found: list[WriteFile | Command | Query] = []
    named: str | None = None
    for block in tokens(page):
        if block.type == "inline":
            match = FILE.search(block.content)
            named = match.group(1) if match else None
        if block.type == "fence":
            if named is not None:
                found.append(WriteFile(named, block.content))
            elif block.info == "sql":
                found.append(Query(" ".join(block.content.split())))
            else:
                found += typed_commands(block.content, page)
            named = None
    return found
