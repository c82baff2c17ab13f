"""Promises of the interval's charts: what they show is what was covered."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.months import month_rows
from mercado.bitcoin.report import chart_data as data
from mercado.bitcoin.report.chart_style import title_of
from mercado.bitcoin.report.interval_charts import coverage_by_month, residuals


def test_coverage_points_are_the_months_coverage(evaluation: Evaluation) -> None:
    shares = data.coverage_shares(evaluation.walked, evaluation.walked.lower, evaluation.walked.upper)
    assert shares.share.tolist() == pytest.approx([month.coverage for month in evaluation.months])
    figure = coverage_by_month(evaluation)
    assert f"{evaluation.interval.coverage * 100:.1f} % of returns inside" in title_of(figure)
    baseline = data.coverage_shares(evaluation.walked, *evaluation.baselines.empirical)
    assert np.average(baseline.share, weights=baseline.rows) == pytest.approx(evaluation.empirical_interval.coverage)
    drawn = figure.axes[0].lines[1]
    assert drawn.get_label() == "last year's returns"
    np.testing.assert_array_equal(drawn.get_ydata(), baseline.share)


def test_a_month_outside_the_band_is_marked(evaluation: Evaluation) -> None:
    narrow = replace(evaluation.walked, lower=evaluation.walked.expected, upper=evaluation.walked.expected)
    labels = coverage_by_month(replace(evaluation, walked=narrow)).axes[0].get_legend_handles_labels()[1]
    assert "model, outside the band" in labels
    assert "model with Wilson 95 %" not in labels


def test_residuals_are_told_with_the_shares_outside(evaluation: Evaluation) -> None:
    target, walked = evaluation.walked.scored.target, evaluation.walked
    title = title_of(residuals(evaluation))
    assert f"{np.mean(target < walked.lower) * 100:.1f} % of returns lie below" in title
    assert f"{np.mean(target > walked.upper) * 100:.1f} % above" in title


def test_an_error_is_inside_where_it_is_below_the_factor(evaluation: Evaluation) -> None:
    walked = evaluation.walked
    inside = (walked.lower <= walked.scored.target) & (walked.scored.target <= walked.upper)
    np.testing.assert_array_equal(np.abs(data.errors_in_sizes(walked)) <= data.interval_factors(walked), inside)


def test_the_needed_factor_holds_90_percent_of_a_months_errors(evaluation: Evaluation) -> None:
    needed, used = data.needed_factors(evaluation.walked)
    name, rows = next(month_rows(evaluation.walked.scored.open_time_ms))
    errors = np.abs(data.errors_in_sizes(evaluation.walked[rows]))
    assert name == evaluation.months[0].name
    assert np.mean(errors <= needed[0]) == pytest.approx(0.9, abs=1 / len(errors))
    # A month whose interval used more than it needed held more than 90 %, and the other way round.
    clear = np.abs(needed - used) > 0.05
    held = np.array([month.coverage for month in evaluation.months])
    np.testing.assert_array_equal((held > 0.9)[clear], (used > needed)[clear])
