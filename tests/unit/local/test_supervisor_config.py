"""Supervisor reads back what was written for it, or the value is refused by name."""

import shlex
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supervisor.datatypes import dict_of_key_value_pairs
from supervisor.options import UnhosedConfigParser, expand

from mercado.errors import ConfigurationError
from mercado.local.platform import Platform
from mercado.local.programs import Program
from mercado.local.settings_files import write_demo_settings
from mercado.local.supervisor_config import UNWRITABLE, configuration, stated_environment

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """Return a demo that was never started."""
    write_demo_settings(tmp_path / "demo")
    return Platform.demo(tmp_path / "demo")


def read_back(platform: Platform, program: Program, file: Path) -> tuple[list[str], dict[str, str]]:
    """Return the program's command and environment as supervisor parses them."""
    with file.open("w") as target:
        configuration(platform, [program]).write(target)
    parser = UnhosedConfigParser()
    parser.read(str(file))
    section = f"program:{program.name}"
    command = expand(parser.get(section, "command"), {}, "command")
    environment = expand(parser.get(section, "environment"), {}, "environment")
    return shlex.split(command), dict_of_key_value_pairs(environment)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(value=TEXT)
def test_a_value_arrives_unchanged_or_is_refused_by_name(platform: Platform, tmp_path: Path, value: str) -> None:
    program = Program("one", ["true"], {"BEFORE": "x", "SOME_SECRET": value, "AFTER": "y"})
    if UNWRITABLE.search(value):
        with pytest.raises(ConfigurationError, match="SOME_SECRET"):
            configuration(platform, [program])
    else:
        assert read_back(platform, program, tmp_path / "supervisord.conf")[1] == program.environment
        assert stated_environment(tmp_path / "supervisord.conf", "one") == program.environment


def test_ordinary_secrets_with_signs_are_not_refused(platform: Platform, tmp_path: Path) -> None:
    program = Program("one", ["true"], {"SECRET": r"a%b\c#d;e'f g=h,i$j{k}"})
    assert read_back(platform, program, tmp_path / "supervisord.conf")[1] == program.environment


def test_a_command_with_spaces_and_percent_signs_arrives_unchanged(platform: Platform, tmp_path: Path) -> None:
    program = Program("one", ["/opt/my programs/100%/postgres", "-c", "unix_socket_directories=", "it's"])
    assert read_back(platform, program, tmp_path / "supervisord.conf")[0] == program.command
