"""The report of a look: what is wrong stands first, unknowns are called so, and the page needs nothing but itself."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.monitoring.drift import measure_drift
from mercado.bitcoin.monitoring.figures import performances
from mercado.bitcoin.monitoring.finding import Finding, UnknownTruths, WatchedSeries
from mercado.bitcoin.monitoring.reference import build_reference
from mercado.bitcoin.monitoring.report import report_html
from mercado.bitcoin.monitoring.rules import MonitoringRules, Retraining, decide, verdict_of
from mercado.bitcoin.monitoring.words import lines
from mercado.registry import ModelVersion
from tests.unit.bitcoin.html_page import read_page
from tests.unit.bitcoin.monitoring.test_figures import END_MS, HOUR_MS, forecasts

NOW = datetime(2024, 6, 1, tzinfo=UTC)
RULES = MonitoringRules()


@pytest.fixture(scope="module")
def healthy(training_set: TrainingSet, candles: CandleSeries) -> Finding:
    reference = build_reference(training_set.features, FEATURE_NAMES, to_grid(candles), share_up=0.5)
    rows = forecasts(720, live=False)
    verdict = verdict_of(drift=[], decay=[], unknowns=[])
    return Finding(
        series=WatchedSeries("BTCUSDT", CandleInterval.ONE_HOUR),
        version=ModelVersion("bitcoin-forecaster", 3, "a" * 32, 0, ("champion",), {}),
        trained_before_ms=END_MS - 720 * HOUR_MS,
        until_ms=END_MS,
        looked_at=NOW,
        windows=tuple(measure_drift(reference, to_grid(candles))),
        performances=tuple(performances(rows, 3, (7, 30), RULES, horizon=(1, HOUR_MS), end_ms=END_MS, share_up=0.5)),
        forecasts=rows,
        unjudged=UnknownTruths(2, 1),
        verdict=verdict,
        decision=decide(verdict, None, RULES, now=NOW),
        rules=RULES,
    )


def without_anything(finding: Finding) -> Finding:
    """Return the look at a version without a reference, of which nothing can be judged."""
    nobody = finding.forecasts.where(np.zeros(720, dtype=np.bool_))
    found = performances(nobody, 3, (7, 30), RULES, horizon=(1, HOUR_MS), end_ms=END_MS, share_up=None)
    verdict = verdict_of(drift=[], decay=[], unknowns=["Drift is unknown. <b>No reference</b>"])
    return replace(finding, windows=(), forecasts=nobody, performances=tuple(found), verdict=verdict)


def test_the_page_needs_nothing_but_itself_and_draws_what_is_known(healthy: Finding) -> None:
    page = read_page(report_html(healthy))
    assert page.of("script") == page.of("link") == page.of("iframe") == []
    images = page.of("img")
    assert len(images) == 2
    assert all((image["src"] or "").startswith("data:image/svg+xml;base64,") for image in images)
    assert all(image["alt"] for image in images)
    assert len(page.html) < 1_500_000


def test_verdict_and_decision_stand_first(healthy: Finding) -> None:
    text = read_page(report_html(healthy)).text
    assert "Version 3 of bitcoin-forecaster. Healthy: its input looks like its training" in text
    assert "Retraining not needed." in text
    assert "2 have no known outcome" in text
    assert "1 were made from another close" in text


def test_what_is_unknown_is_called_unknown_and_nothing_is_0(healthy: Finding) -> None:
    text = read_page(report_html(healthy)).text
    live = text[text.index("3, 30, live") :].split()
    assert live[3:11] == ["0", *["unknown"] * 7]


def test_a_look_at_which_nothing_is_known_has_a_report_too(healthy: Finding) -> None:
    page = read_page(report_html(without_anything(healthy)))
    assert "Unknown: nothing is wrong as far as is known, but not all is known." in page.text
    assert "<b>No reference</b>" in page.text  # as text
    assert {"b": page.of("b")} == {"b": []}


def test_the_lines_for_a_log_tell_the_same(healthy: Finding) -> None:
    told = "\n".join(lines(healthy))
    assert "BTCUSDT 1h: Version 3 of bitcoin-forecaster. Healthy" in told
    assert "Drift in 30 days: 0 of 28 features beyond their limits" in told
    assert "Version 3, 30 days, live: unknown, 0 forecasts can be judged and 100 are needed." in told
    assert told.endswith(f"Retraining {Retraining.NOT_NEEDED.value}: {healthy.decision.reason}")
