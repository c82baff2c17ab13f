"""``commands.toml``: for every command in the documentation, how it is executed."""

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.documentation.pages import Command, commands, pages_with_commands

FILE: Final = Path(__file__).with_name("commands.toml")
# Pages that a test of their own follows from the first line to the last.
FOLLOWED: Final = ("docs/guides/",)
API_PAGE: Final = "docs/api.md"
PLACES: Final = ("demo", "local", "docker")


@dataclass(frozen=True)
class Run:
    """A command that is executed as it is written.

    Attributes:
        command: Its text.
        at: On what: ``demo``, ``local`` (from where the demo is stopped on) or ``docker``.
        answer: What is typed when it asks.
        exit: Its exit code.
        prints: A regular expression that its output has.
        seconds: How long it may take.
        folder: Where it is typed, in the clone.
        first: What is typed before it, on no page.
        follows: Whether it goes on for ever; it is then ended after ``seconds``, and must have printed something.
    """

    command: str
    at: str = "demo"
    answer: str = ""
    exit: int = 0
    prints: str = ""
    seconds: int = 120
    folder: str = "."
    first: str = ""
    follows: bool = False


def runs(at: str) -> list[Run]:
    """Return what is executed there, in order; on the demo also each request of the generated page about the API."""
    stated = [Run(**entry) for entry in _registry()["run"]]
    requests = [Run(command.text) for command in commands(API_PAGE) if command.text not in _texts(stated)]
    return [run for run in [*stated[:1], *requests, *stated[1:]] if run.at == at]


def elsewhere() -> dict[str, str]:
    """Return the test or the script that executes a command which is not executed here, by the command."""
    named: dict[str, str] = _registry()["elsewhere"]
    return named


def registered() -> set[str]:
    """Return the text of every command in the registry."""
    return {run.command for place in PLACES for run in runs(place)} | set(elsewhere())


def documented() -> dict[str, list[Command]]:
    """Return where each command stands in the documentation, by its text."""
    found: dict[str, list[Command]] = defaultdict(list)
    for page in pages_with_commands():
        if not page.startswith(FOLLOWED):
            for command in commands(page):
                found[command.text].append(command)
    return dict(found)


def _texts(stated: list[Run]) -> set[str]:
    return {run.command for run in stated}


def _registry() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
