"""The page of benchmarks is the recorded figures; each can be repeated, and meets its targets."""

import re
from typing import Any

import pytest

from tests.benchmarks.report import FOLDER, PAGE, comparison_row, recorded, report
from tests.benchmarks.scaling_chart import scaling_svg
from tests.benchmarks.scaling_fit import exponent
from tests.benchmarks.serving_figures import (
    CONCURRENCIES,
    GET,
    OURS,
    POST,
    RIVAL,
    Round,
    latencies,
    median_round,
    percentile,
    ratio_name,
    ratios,
    recorded_rounds,
    targets,
)
from tests.benchmarks.serving_load import BadAnswerError, Load, http_request, whole_body
from tests.benchmarks.serving_page import serving_section
from tests.benchmarks.targets import is_met, unmet
from tests.benchmarks.training_page import training_section

EVERY = {"what", "ours", "target", "command", "date", "versions"}
COMPARISON = EVERY | {"plain", "floor", "ratio"}
TRAINING = EVERY | {"phases", "plan", "params", "quality", "verdict", "repeated", "sharing", "daily"}
SERVING = EVERY | {"ratio", "endpoints", "scoring", "servers", "tried", "load"}
READING = EVERY | {"plain", "ratio", "questions", "rounds", "page_loads"}
SCALING = EVERY | {"growth", "workers", "replicas"}
FIELDS = {
    "candles": COMPARISON,
    "features": COMPARISON,
    "landing": COMPARISON,
    "reading": READING,
    "scaling": SCALING,
    "serving": SERVING,
    "sipsa": COMPARISON,
    "training": TRAINING,
}
# Each is a debt, by benchmark: whoever pays it strikes it out here.
KNOWN_UNMET: dict[str, set[str]] = {}


@pytest.fixture
def training() -> dict[str, Any]:
    return recorded()["training"]


def test_the_page_shows_the_recorded_figures() -> None:
    assert PAGE.read_text(encoding="utf-8") == report()


def test_the_plot_is_drawn_from_the_recorded_figures() -> None:
    assert (FOLDER / "scaling.svg").read_bytes() == scaling_svg(recorded()["scaling"])


def test_costs_that_grow_with_the_rows_have_an_exponent_of_one() -> None:
    rows = (1000, 2000, 4000, 8000)
    assert exponent(rows, [0.5 * count for count in rows]) == 1.0
    assert exponent(rows, [count**1.5 for count in rows]) == 1.5
    assert exponent(rows, [7.0] * 4) == 0.0


@pytest.mark.parametrize(("name", "fields"), FIELDS.items())
def test_each_benchmark_is_recorded_with_all_sides_and_how_to_repeat_it(name: str, fields: set[str]) -> None:
    figures = recorded()[name]
    assert fields <= set(figures)
    assert figures["command"] == f"make bench BENCH={name}"
    assert "python" in figures["versions"]


def test_every_recorded_benchmark_meets_its_targets_but_for_known_debts() -> None:
    found = {name: unmet(figures) for name, figures in recorded().items()}
    assert {name: missed for name, missed in found.items() if missed} == KNOWN_UNMET


def test_a_target_that_is_not_met_is_said_on_the_page(training: dict[str, Any]) -> None:
    compared = recorded()["sipsa"]
    compared["ratio"]["plain / ours"] = 1.0
    assert "plain / ours >= 8 (**not met**)" in comparison_row(compared)
    training["ours"]["seconds"] = 601
    training["quality"]["hit_rate"] = 0.7
    section = training_section(training)
    assert "target <= 600 s, **not met**" in section
    assert "| hit rate | 0.7 | 0.53 to 0.57 | **no** |" in section


def test_the_training_gives_the_same_again(training: dict[str, Any]) -> None:
    assert training["repeated"]["metrics_equal"]
    assert training["repeated"]["trials_equal"]


def test_hours_are_promoted_and_days_are_refused_with_the_reason(training: dict[str, Any]) -> None:
    assert training["verdict"]["promoted"]
    assert not training["daily"]["verdict"]["promoted"]
    assert re.search(r"is not (below|above|at least|at most)", training["daily"]["verdict"]["reason"])


def test_the_steps_account_for_the_time_of_the_training(training: dict[str, Any]) -> None:
    assert 0.8 < sum(training["phases"].values()) / training["ours"]["seconds"] <= 1


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [
        (5, ">= 5", True),
        (4.9, ">= 5", False),
        (250, "< 250", False),
        (0.53, "0.53 to 0.57", True),
        (0.58, "0.53 to 0.57", False),
        (float("nan"), "0.53 to 0.57", False),
        (float("nan"), "< 0.01", False),
    ],
)
def test_a_target_is_met_or_not(value: float, target: str, met: bool) -> None:
    assert is_met(value, target) is met


@pytest.fixture
def serving() -> dict[str, Any]:
    """A made-up record: ours answers 1000 requests a second, the rival 90, all within 3 ms."""
    endpoints = recorded_rounds({asked: _at_every_concurrency(loop(1000)) for asked in (GET, POST)})
    scoring = {OURS: _at_every_concurrency(loop(1000)), RIVAL: _at_every_concurrency(loop(90))}
    server = {"command": "serve", "versions": {"one": "1.0"}, "start_seconds": 1.5, "rss_mb": 300, "pss_mb": 200}
    return {
        "what": "A model",
        "ours": latencies(endpoints),
        "ratio": ratios(scoring),
        "target": targets(),
        "endpoints": endpoints,
        "scoring": recorded_rounds(scoring),
        "servers": {OURS: server, RIVAL: server},
        "tried": "Another one.",
        "load": {"rounds": 1, "seconds": 2, "starts": 3, "machine_load_before": 0.1},
        "command": "make bench BENCH=serving",
        "date": "2026-11-24",
    }


def loop(requests_per_second: float) -> Round:
    return Round(100, requests_per_second, p50_ms=2, p99_ms=3, server_ms=0.9, client_share=0.25)


def _at_every_concurrency(one: Round) -> dict[int, list[Round]]:
    return {concurrency: [one] for concurrency in CONCURRENCIES}


def test_a_percentile_is_the_value_that_so_many_do_not_exceed() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 50), percentile(values, 99), percentile(values, 100)) == (50, 99, 100)
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7


def test_a_loop_is_told_as_throughput_latency_and_processor_time() -> None:
    load = Load(latencies=[0.001] * 98 + [0.002, 0.9], seconds=2, client_seconds=0.5)
    found = Round.of(load, server_seconds=1.5)
    expected = Round(100, 50, p50_ms=1, p99_ms=2, server_ms=15, client_share=0.25)
    assert vars(found) == pytest.approx(vars(expected))


def test_the_median_round_and_the_median_of_the_rounds_ratios_count() -> None:
    assert median_round([loop(10), loop(500), loop(30)]).requests_per_second == 30
    ours, rival = [loop(100), loop(40), loop(90)], [loop(10), loop(2), loop(3)]
    assert ratios({OURS: {10: ours}, RIVAL: {10: rival}}) == {ratio_name(RIVAL, 10): 20}


def test_the_serving_page_says_which_target_is_met_and_how_many_times_as_fast_ours_is(serving: dict[str, Any]) -> None:
    serving["ours"] = dict.fromkeys(serving["ours"], 60.0)
    section = serving_section(serving)
    assert f"| {GET}: p99 at 10, ms | 60.0 | < 10 | **no** |" in section
    assert f"| {ratio_name(RIVAL, 10)} | 11.1 | >= 10 | yes |" in section
    assert f"| {RIVAL} | 50 | 90.0 | 2.00 | 3.00 | 0.90 | 11.1 |" in section
    assert f"| {OURS} | 50 | 1,000.0 | 2.00 | 3.00 | 0.90 |  |" in section
    assert "at most 25% of its core" in section


def test_every_serving_target_has_a_figure(serving: dict[str, Any]) -> None:
    assert unmet(serving) == set()
    assert set(serving["target"]) <= set(serving["ours"] | serving["ratio"])


def test_an_answer_is_whole_when_all_its_announced_bytes_have_come() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    assert [whole_body(answer[:length]) for length in (10, len(answer) - 1, len(answer))] == [None, None, b"{}"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "expected 200"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "expected a Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP", "expected 2 bytes"),
    ],
)
def test_an_answer_that_is_no_good_one_is_never_measured(answer: bytes, message: str) -> None:
    with pytest.raises(BadAnswerError, match=message):
        whole_body(answer)


def test_a_request_announces_its_body() -> None:
    request = http_request("POST", "/predict", b"{}")
    assert request.startswith(b"POST /predict HTTP/1.1\r\n")
    assert b"Content-Length: 2\r\n" in request
    assert request.endswith(b"\r\n\r\n{}")
