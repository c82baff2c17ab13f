"""Every command in the documentation is executed by a test, and every test that is named for one exists."""

import re
from itertools import takewhile

import pytest

from tests.documentation.pages import ROOT, pages_with_commands, tokens
from tests.documentation.registry import PLACES, documented, elsewhere, registered, runs
from tests.documentation.shapes import missing_lines


def test_every_command_in_the_documentation_is_registered() -> None:
    missing = {text: places[0].place for text, places in documented().items() if text not in registered()}
    assert missing == {}, "add them to tests/documentation/commands.toml"


def test_every_registered_command_stands_in_the_documentation() -> None:
    assert sorted(registered() - set(documented())) == [], "remove them from tests/documentation/commands.toml"


def test_a_command_is_registered_once() -> None:
    executed = [run.command for place in PLACES for run in runs(place)]
    assert len(executed) == len(set(executed))
    assert sorted(set(executed) & set(elsewhere())) == []
    assert set(executed) | set(elsewhere()) == registered()


@pytest.mark.parametrize(("command", "test"), elsewhere().items())
def test_what_is_named_as_executing_a_command_exists_and_has_it(command: str, test: str) -> None:
    file, _, name = test.partition("::")
    source = (ROOT / file).read_text(encoding="utf-8")
    if file == "Makefile":
        needed = re.search(rf"^{name}: ([^#]*)", source, re.MULTILINE)
        assert needed
        assert command.removeprefix("make ") in needed.group(1).split()
    elif file.endswith(".py"):
        assert re.search(rf"^def {name}\(", source, re.MULTILINE)
    elif file.endswith(".md"):
        assert any(f"`{made_by}`" in source for made_by in (command, *recipe(command)))
    else:
        assert command in [line.strip() for line in source.splitlines()]


def recipe(command: str) -> list[str]:
    """Return the lines that a target of the Makefile runs."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").split(f"\n{command.removeprefix('make ')}:")[1].splitlines()
    return [line.removeprefix("\t@$(BIN)/") for line in takewhile(lambda line: line.startswith("\t"), lines[1:])]


@pytest.mark.parametrize("page", pages_with_commands())
def test_commands_stand_in_blocks_that_are_read(page: str) -> None:
    kinds = {token.info for token in tokens(page) if token.type == "fence"}
    assert kinds <= {"console", "text", "sql", "python", "json", "toml", "csv", "mermaid", "markdown", ""}


def test_output_of_the_same_shape_is_the_shown_one_and_any_other_is_not() -> None:
    shown = ("forecast 9,497.10 after 9,502.13: down", "run 8dda68fb5e104efb9e40f2cb3bcf56eb", "… rows")
    printed = "noise\n  forecast   104.2 after 1,104.0: up\nrun 00000000000000000000000000000000\n12 new rows\n"
    assert missing_lines(shown, printed) == []
    assert missing_lines(shown, printed.replace("after", "before")) == [shown[0]]
    assert missing_lines(('{"a": 1.5, "b": {"c": "x"}, …}',), '{"a": 2, "b": {"c": "y"}, "d": 1}') == []
    assert missing_lines(('{"a": 1.5, "b": {"c": "x"}}',), '{"a": "2", "b": {}}') == ["answer.b.c", "answer.a"][::-1]
