"""COPY's text format: how a value is written so that PostgreSQL reads the same one."""

import re
from collections.abc import Iterable
from typing import Final

NULL: Final = "\\N"
# These four would end a value, a row or an escape.
UNSAFE: Final = re.compile(r"[\\\t\n\r]")
ESCAPES: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def escaped(text: str) -> str:
    """Return a text as a value."""
    return UNSAFE.sub(lambda found: ESCAPES[found.group()], text) if UNSAFE.search(text) else text


def column_texts(values: Iterable[object]) -> list[str]:
    """Return a column's values in the text format; ``None`` is NULL. Each different value is written once."""
    values = list(values)
    texts = {value: NULL if value is None else escaped(str(value)) for value in {*values}}
    return [texts[value] for value in values]


def block(columns: Iterable[Iterable[str]]) -> str:
    """Return rows from their columns' texts, as COPY takes them."""
    return "".join(["\t".join(row) + "\n" for row in zip(*columns, strict=True)])
