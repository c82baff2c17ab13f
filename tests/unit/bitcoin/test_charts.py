"""Promises of the charts: they show the numbers that were measured, and survive every odd training."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from statsmodels.stats.proportion import proportion_confint

from mercado.bitcoin.baselines import CLIMATOLOGY
from mercado.bitcoin.comparison import Champion, Comparison
from mercado.bitcoin.costs import Outcome, trading_outcomes
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.metrics import DieboldMariano
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.report import chart_data as data
from mercado.bitcoin.report.chart_style import png, svg, title_of
from mercado.bitcoin.report.charts import (
    TrialResult,
    calibration,
    champion_against_challenger,
    costs,
    feature_importance,
    skill_over_time,
    study_history,
    survival,
)
from mercado.bitcoin.report.interval_charts import coverage_by_month, residuals


def _trial(number: int, state: str, log_loss: float | None) -> TrialResult:
    return TrialResult(number, state, log_loss, 1.5, {"max_depth": 2})


def _comparison(evaluation: Evaluation, gains: np.ndarray) -> Comparison:
    times = evaluation.walked.scored.open_time_ms[: len(gains)]
    champion = Champion(3, BoosterParams(), ("return_lag_0",), tuned_before_ms=0, age_days=12)
    return Comparison(champion, times, np.full(len(gains), 0.69), 0.69 + gains, DieboldMariano(-1.0, 0.16))


def _line(figure: Figure, label: str, *, axes: int = 0) -> np.ndarray:
    (line,) = (line for line in figure.axes[axes].lines if str(line.get_label()).startswith(label))
    return np.asarray(line.get_ydata(), dtype=float)


def _texts(figure: Figure) -> str:
    return " | ".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_cumulative_gain_ends_where_the_log_losses_differ(evaluation: Evaluation) -> None:
    rows = len(evaluation.walked)
    gained = rows * (evaluation.naive_direction[CLIMATOLOGY].log_loss - evaluation.direction.log_loss)
    figure = skill_over_time(evaluation)
    assert _line(figure, "model")[-1] == pytest.approx(gained)
    assert f"{gained:+.1f} nats over {rows:,} bars" in title_of(figure)
    for name in ("logistic", "reversal"):
        lead = evaluation.naive_direction[CLIMATOLOGY].log_loss - evaluation.naive_direction[name].log_loss
        assert _line(figure, name)[-1] == pytest.approx(rows * lead)


def test_skill_bars_are_the_months_and_pale_where_few_bars_are(evaluation: Evaluation) -> None:
    few = [replace(evaluation.months[0], rows=99), *evaluation.months[1:]]
    bars = skill_over_time(replace(evaluation, months=few)).axes[1].patches
    assert [bar.get_height() for bar in bars] == pytest.approx([month.log_loss_skill for month in evaluation.months])
    assert [bar.get_alpha() for bar in bars[:2]] == [0.35, None]


def test_reliability_groups_are_tenths_with_wilson_bars() -> None:
    random = np.random.default_rng(3)
    given = random.permutation(np.linspace(0.3, 0.7, 5000))
    up = random.random(5000) < given
    predicted, rose = data.reliability(given, up)
    order = np.argsort(given)
    np.testing.assert_allclose(predicted, given[order].reshape(10, 500).mean(axis=1))
    np.testing.assert_allclose(rose.share, up[order].reshape(10, 500).mean(axis=1))
    low, high = proportion_confint(int(up[order][:500].sum()), 500, alpha=0.05, method="wilson")
    assert (rose.low[0], rose.high[0]) == pytest.approx((low, high))


def test_overlapping_labels_count_as_fewer() -> None:
    alone, overlapping = (data.wilson([60.0], [100], horizon_bars=bars) for bars in (1, 4))
    low, high = proportion_confint(15, 25, alpha=0.05, method="wilson")
    assert (overlapping.low[0], overlapping.high[0]) == pytest.approx((low, high))
    assert overlapping.share[0] == alone.share[0] == 0.6


def test_equal_probabilities_are_one_group(evaluation: Evaluation) -> None:
    rows = len(evaluation.walked)
    scored = replace(evaluation.walked.scored, probability_up=np.full(rows, 0.5))
    predicted, rose = data.reliability(scored.probability_up, scored.target > 0)
    assert predicted.tolist() == [0.5]
    assert rose.share[0] == pytest.approx(float(np.mean(scored.target > 0)))
    same = replace(evaluation, walked=replace(evaluation.walked, scored=scored))
    assert "between 50.0 % and 50.0 %" in title_of(calibration(same))
    assert png(calibration(same)).startswith(b"\x89PNG")


@pytest.mark.parametrize("horizon_bars", [1, 5])
def test_cost_lines_end_at_the_outcomes_total(evaluation: Evaluation, horizon_bars: int) -> None:
    scored = evaluation.walked.scored
    outcomes = trading_outcomes(scored.target, scored.probability_up, interval_ms=3_600_000, horizon_bars=horizon_bars)
    figure = costs(replace(evaluation, outcomes=outcomes), horizon_bars=horizon_bars)
    totals = {outcome.cost_bps: outcome.total_log_return for outcome in outcomes}
    for cost in (0, 2, 10):
        assert _line(figure, f"costs of {cost} bps")[-1] == pytest.approx(totals[cost])
    traded = data.trades(evaluation.walked, horizon_bars=horizon_bars)
    assert traded.net(traded.break_even_bps)[-1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("free", "usual", "words"),
    [
        (0.5, -2.7, "does not survive usual fees: log return +0.50 before them, -2.70 at 10 bps"),
        (-0.1, -3.0, "loses even before costs: log return -0.10"),
        (3.0, 0.4, "which is no promise"),
    ],
)
def test_the_title_of_costs_is_computed(free: float, usual: float, words: str) -> None:
    assert words in survival((Outcome(0.0, 0.0, 0.0, free), Outcome(10.0, 0.0, 0.0, usual)))


def test_the_best_20_features_are_shown_with_the_best_above() -> None:
    importance = {f"feature_{place}": place / 300 for place in range(25)}
    figure = feature_importance(importance)
    (axes,) = figure.axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [f"feature_{place}" for place in range(24, 4, -1)]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([place / 300 for place in range(24, 4, -1)])
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert title_of(figure).startswith("24 features are used")


@pytest.mark.parametrize("importance", [{}, {"return_lag_0": 0.0}])
def test_trees_without_a_split_are_told(importance: dict[str, float]) -> None:
    figure = feature_importance(importance)
    assert "no feature is used" in title_of(figure)
    assert png(figure)


def test_the_best_so_far_never_rises_and_ignores_pruned_trials() -> None:
    trials = [
        _trial(0, "COMPLETE", 0.692),
        _trial(1, "PRUNED", 0.600),
        _trial(2, "COMPLETE", 0.693),
        _trial(3, "FAIL", None),
        _trial(4, "COMPLETE", 0.690),
        _trial(5, "RUNNING", 0.5),
    ]
    figure = study_history(trials)
    assert _line(figure, "best so far").tolist() == [0.692, 0.692, 0.690]
    assert _line(figure, "pruned").tolist() == [0.600]
    assert "failed: trial 3" in _texts(figure)
    assert "3 completed, 1 pruned, 1 failed; best log-loss 0.69000" in title_of(figure)


@pytest.mark.parametrize(
    "trials", [[], [_trial(0, "COMPLETE", 0.69)], [_trial(0, "FAIL", None)], [_trial(0, "PRUNED", 0.7)]]
)
def test_a_study_of_any_kind_is_drawn(trials: list[TrialResult]) -> None:
    assert png(study_history(trials)).startswith(b"\x89PNG")


@pytest.mark.parametrize(("gain", "ahead"), [(0.001, "the challenger"), (-0.001, "champion 3")])
def test_who_is_ahead_is_written_on_the_chart(evaluation: Evaluation, gain: float, ahead: str) -> None:
    figure = champion_against_challenger(_comparison(evaluation, np.full(600, gain)))
    assert f"{ahead} is 0.60 nats ahead" in title_of(figure)
    assert figure.axes[0].lines[0].get_ydata()[-1] == pytest.approx(600 * gain)
    assert "↑ challenger better" in _texts(figure)
    assert "↓ champion 3 better" in _texts(figure)


def test_every_axis_is_labelled_and_every_chart_titled(evaluation: Evaluation) -> None:
    figures = [
        skill_over_time(evaluation),
        calibration(evaluation),
        coverage_by_month(evaluation),
        residuals(evaluation),
        costs(evaluation),
        feature_importance({"return_lag_0": 1.0}),
        study_history([_trial(0, "COMPLETE", 0.69)]),
        champion_against_challenger(_comparison(evaluation, np.full(600, 0.001))),
    ]
    for figure in figures:
        assert title_of(figure)
        assert figure.axes[-1].get_xlabel()
        assert all(axes.get_ylabel() for axes in figure.axes), title_of(figure)


def test_one_bar_of_one_month_is_drawn(evaluation: Evaluation) -> None:
    one = slice(0, 1)
    baselines = evaluation.baselines
    lone = replace(
        evaluation,
        walked=evaluation.walked[one],
        months=[replace(evaluation.months[0], rows=1)],
        baselines=replace(
            baselines,
            naive={
                name: replace(naive, probability_up=naive.probability_up[one])
                for name, naive in baselines.naive.items()
            },
            empirical=tuple(end[one] for end in baselines.empirical),
            volatility=tuple(end[one] for end in baselines.volatility),
        ),
    )
    for draw in (skill_over_time, calibration, coverage_by_month, residuals, costs):
        assert png(draw(lone)).startswith(b"\x89PNG")
    assert "no month has the 100 bars" in title_of(coverage_by_month(lone))


def test_no_line_has_more_points_than_a_screen_shows() -> None:
    shown = data.thinned(45_000)
    assert len(shown) <= 700
    assert (shown[0], shown[-1]) == (0, 44_999)
    assert data.thinned(3).tolist() == [0, 1, 2]
    assert data.thinned(1).tolist() == [0]


def test_colours_follow_the_reader_and_no_other_colour_is_left() -> None:
    drawing = svg(study_history([_trial(0, "COMPLETE", 0.69), _trial(1, "PRUNED", 0.7)]))
    style, _, shapes = drawing.partition("</style>")
    assert "prefers-color-scheme: dark" in style
    assert "var(--c0072b2)" in shapes
    assert ": #" not in shapes


def test_coordinates_are_rounded_and_letters_keep_their_size() -> None:
    drawing = svg(study_history([_trial(0, "COMPLETE", 0.69)]))
    assert "scale(0.015625)" in drawing
    assert not re.search(r"\d\d\.\d{3}", drawing)


def test_a_png_of_equal_data_is_equal(evaluation: Evaluation) -> None:
    assert png(costs(evaluation)) == png(costs(evaluation))


def test_markup_in_a_feature_name_is_drawn_as_it_is() -> None:
    names = {"$\\frac{1}$": 0.5, "<script>": 0.3, "-- > & <": 0.2}
    assert "<script>" not in svg(feature_importance(names))
