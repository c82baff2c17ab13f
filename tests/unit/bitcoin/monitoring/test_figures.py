"""The figures of forecasts that came true or not, and what is called decay."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportion_confint

from mercado.bitcoin.monitoring.figures import (
    DAY_MS,
    JudgedForecasts,
    Performance,
    decay_alarms,
    decay_unknowns,
    performances,
)
from mercado.bitcoin.monitoring.rules import MonitoringRules

HOUR_MS = 3_600_000
END_MS = 400 * DAY_MS
RULES = MonitoringRules()


def spread(share: float, count: int) -> NDArray[np.bool_]:
    """Return a share of true values, spread evenly."""
    return np.diff(np.floor(share * np.arange(count + 1) + 1e-9)) > 0


def forecasts(
    count: int,
    *,
    hits: float = 0.55,
    covered: float = 0.9,
    probability: float = 0.55,
    live: bool = True,
    version: int = 3,
    end_ms: int = END_MS,
) -> JudgedForecasts:
    """Return hourly forecasts up to an instant, all of them up, of which a share is right."""
    hit = spread(hits, count)
    target = np.where(hit, 0.01, -0.01)
    return JudgedForecasts(
        model_version=np.full(count, version),
        live=np.full(count, live),
        as_of_ms=end_ms - HOUR_MS * np.arange(count, 0, -1),
        target=target,
        probability_up=np.full(count, probability),
        expected=np.full(count, 0.001),
        lower=np.full(count, -0.02),
        upper=np.full(count, 0.02),
        hit=hit,
        covered=spread(covered, count),
    )


def judged(rows: JudgedForecasts, *, horizon_bars: int = 1, share_up: float | None = 0.5) -> list[Performance]:
    return performances(rows, 3, (7, 30), RULES, horizon=(horizon_bars, HOUR_MS), end_ms=END_MS, share_up=share_up)


def of(found: list[Performance], days: int, kind: str) -> Performance:
    (one,) = (each for each in found if (each.model_version, each.days, each.kind) == (3, days, kind))
    return one


def alarms(found: list[Performance]) -> list[str]:
    return decay_alarms(found, 3, RULES)


def test_figures_are_as_by_hand() -> None:
    found = of(judged(forecasts(720)), 30, "live")
    assert found.row_count == 720
    low, high = proportion_confint(396, 720, alpha=0.05, method="wilson")
    assert (found.hit_rate.value, found.hit_rate.low, found.hit_rate.high) == pytest.approx((0.55, low, high))
    assert found.promised_hit_rate.value == pytest.approx(0.55)
    assert found.hit_shortfall.value == pytest.approx(0)
    assert found.coverage.value == pytest.approx(0.9)
    # Errors of 0.009 where it was right, 0.011 where it was wrong, against 0.01.
    assert found.mae_skill.value == pytest.approx(1 - (0.55 * 0.009 + 0.45 * 0.011) / 0.01)
    loss = -(0.55 * np.log(0.55) + 0.45 * np.log(0.45))
    assert found.log_loss.value == pytest.approx(loss)
    assert found.log_loss_skill.value == pytest.approx(1 - loss / np.log(2))


def test_live_and_replayed_are_never_mixed() -> None:
    found = judged(forecasts(720, live=False))
    assert of(found, 30, "live").row_count == 0
    assert of(found, 30, "live").hit_rate.value is None
    assert of(found, 30, "replayed").row_count == 720


def test_a_window_has_its_own_rows_only() -> None:
    assert of(judged(forecasts(720)), 7, "live").row_count == 168


def test_too_few_rows_are_unknown_in_every_figure() -> None:
    found = judged(forecasts(99))
    assert {figure.value for each in found for figure in each.figures().values()} == {None}
    assert of(found, 30, "live").row_count == 99
    assert alarms(found) == []
    assert decay_unknowns(found, 3, RULES) == [
        "How version 3 forecasts is unknown: 99 of its forecasts can be judged, and fewer than 100 without overlap say "
        "nothing."
    ]


def test_forecasts_that_overlap_count_less() -> None:
    assert not of(judged(forecasts(499), horizon_bars=5), 30, "live").is_known
    overlapping = of(judged(forecasts(720), horizon_bars=5), 30, "live").hit_rate
    alone = of(judged(forecasts(720)), 30, "live").hit_rate
    assert overlapping.low is not None
    assert alone.low is not None
    assert overlapping.low < alone.low


def test_another_version_is_shown_where_it_forecast_and_is_not_judged() -> None:
    found = judged(forecasts(720, hits=0.1, version=2))
    assert {each.model_version for each in found} == {2, 3}
    assert alarms(found) == []
    assert decay_unknowns(found, 3, RULES) != []


def test_without_the_training_s_share_of_rises_the_skill_against_it_is_unknown() -> None:
    found = of(judged(forecasts(720), share_up=None), 30, "live")
    assert found.log_loss_skill.value is None
    assert found.log_loss.value is not None


def test_good_forecasts_raise_no_alarm() -> None:
    assert alarms(judged(forecasts(720))) == []


@pytest.mark.parametrize("covered", [0.75, 0.99])
def test_a_coverage_that_is_surely_too_low_or_too_high_is_decay(covered: float) -> None:
    found = alarms(judged(forecasts(720, covered=covered)))
    assert any(re.match(r"The 90 % interval held \d\d\.\d% in 30 days, 720 forecasts \(live\)", each) for each in found)


@pytest.mark.parametrize("covered", [0.84, 0.95])
def test_a_coverage_that_may_be_chance_is_none(covered: float) -> None:
    assert alarms(judged(forecasts(720, covered=covered))) == []


def test_fewer_hits_than_a_coin_s_are_decay() -> None:
    found = alarms(judged(forecasts(720, hits=0.4, probability=0.501)))
    assert any("a coin does better" in alarm for alarm in found)


def test_fewer_hits_than_promised_are_decay_before_they_are_fewer_than_a_coin_s() -> None:
    found = alarms(judged(forecasts(720, hits=0.51, probability=0.6)))
    assert len(found) == 1
    assert "where its probabilities promised 60.0%: 4.9 standard errors less, more than 4." in found[0]
