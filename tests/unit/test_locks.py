"""The lock files agree with pyproject.toml and with each other; checked without network."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.locks import IMAGE_LOCKS, LOCK, inputs_digest

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?:.|\n)*?)(?=^\S|\Z)", re.MULTILINE)
HASH = re.compile(r"sha256:[0-9a-f]{64}")
ONE_VERSION_EVERYWHERE = ("numpy", "scipy", "ta-lib", "xgboost-cpu", "pandas")


def pins(path: Path) -> list[tuple[str, str, frozenset[str]]]:
    return [
        (name, version, frozenset(HASH.findall(rest)))
        for name, version, rest in PIN.findall(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("path", [LOCK, *IMAGE_LOCKS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_lock_was_made_from_todays_pyproject(path: Path) -> None:
    assert f"inputs sha256 {inputs_digest()}" in path.read_text(encoding="utf-8"), "run `make lock`"


@pytest.mark.parametrize("path", IMAGE_LOCKS, ids=lambda path: path.parent.name)
def test_an_image_pins_nothing_but_what_the_lock_pins_with_the_same_hashes(path: Path) -> None:
    assert pins(path)
    assert set(pins(path)) <= set(pins(LOCK))


@pytest.mark.parametrize("path", [LOCK, *IMAGE_LOCKS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_pin_has_a_hash_and_no_index_address_is_recorded(path: Path) -> None:
    assert all(hashes for _, _, hashes in pins(path))
    assert "://" not in path.read_text(encoding="utf-8")


def test_the_lock_holds_one_version_of_each_numeric_library() -> None:
    versions = Counter(name for name, _, _ in pins(LOCK))
    assert {name: versions[name] for name in ONE_VERSION_EVERYWHERE} == dict.fromkeys(ONE_VERSION_EVERYWHERE, 1)
