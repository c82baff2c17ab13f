"""Promises of `mercado.bitcoin.whole_files`: a file is whole or as it was, and drafts of the dead do not stay."""

import os
import time
from pathlib import Path

import pytest

from mercado.bitcoin.whole_files import ABANDONED_SECONDS, draft_of, whole_file


def test_the_draft_takes_the_files_place_when_the_block_ends_well(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "BTCUSDT-1h.csv"
    with whole_file(target) as draft:
        draft.write_text("whole")
        assert not target.exists()
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    assert target.read_text() == "whole"


def test_a_block_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "BTCUSDT-1h.csv"
    target.write_text("as it was")
    with pytest.raises(UnicodeEncodeError), whole_file(target) as draft:
        draft.write_text("half \ud800", encoding="utf-8")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["as it was"]


def test_a_draft_that_a_killed_process_left_is_removed_after_a_day_and_not_before(tmp_path: Path) -> None:
    target = tmp_path / "BTCUSDT-1h.csv"
    old, young, other = (
        tmp_path / name for name in (f".{target.name}.a.1.part", f".{target.name}.b.1.part", ".ETHUSDT-1h.csv.a.1.part")
    )
    for file in (old, young, other):
        file.write_text("half")
    long_ago = time.time() - ABANDONED_SECONDS - 60
    for file in (old, other):
        os.utime(file, (long_ago, long_ago))
    with whole_file(target) as draft:
        assert draft == draft_of(target)
        draft.write_text("whole")
    assert {file.name for file in tmp_path.iterdir()} == {young.name, other.name, target.name}
