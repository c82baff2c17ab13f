"""The page of benchmarks is the recorded figures, and each has what a reader needs to judge and repeat it."""

import json

from tests.benchmarks.report import FOLDER, PAGE, report

FIELDS = {"what", "ours", "plain", "floor", "ratio", "target", "command", "date", "versions"}


def test_the_page_shows_the_recorded_figures() -> None:
    assert PAGE.read_text(encoding="utf-8") == report()


def test_each_recorded_benchmark_has_both_sides_and_how_to_repeat_it() -> None:
    recorded = [json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.json")]
    assert recorded
    for figures in recorded:
        assert set(figures) >= FIELDS
        assert figures["command"].startswith("make bench BENCH=")
