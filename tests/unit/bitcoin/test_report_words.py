"""Promises of the report's sentences: what is no better than a naive forecast is called so, whatever else shines."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.baselines import CLIMATOLOGY, LOGISTIC, REVERSAL
from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.metrics import DieboldMariano
from mercado.bitcoin.report.number_text import number, p_value, percent
from mercado.bitcoin.report.words import NO_BETTER, against_naive, break_even, listed, points

SURE = DieboldMariano(-4.0, 1e-5)
BY_CHANCE = DieboldMariano(-0.8, 0.21)
CERTIFICATE = LeakCertificate(True, 48, ("rsi_14",), 0, 1, 2, 7, ())


def _tested(evaluation: Evaluation, **tests: DieboldMariano) -> Evaluation:
    return replace(evaluation, against={CLIMATOLOGY: SURE, REVERSAL: SURE, LOGISTIC: SURE} | tests)


def _with_loss(evaluation: Evaluation, name: str, log_loss: float) -> Evaluation:
    changed = dict(evaluation.naive_direction)
    changed[name] = replace(changed[name], log_loss=log_loss)
    return replace(evaluation, naive_direction=changed)


def _points(evaluation: Evaluation) -> str:
    return " ".join(points(evaluation, None, CERTIFICATE, horizon_bars=1))


def test_a_model_that_beats_every_naive_forecast_surely_is_not_doubted(evaluation: Evaluation) -> None:
    skill = evaluation.log_loss_skill * 100
    assert against_naive(_tested(_with_loss(evaluation, LOGISTIC, 0.7))) == (
        f"Its P(up) is better than every naive forecast: its log-loss is {skill:.2f} % below climatology's "
        "(Diebold-Mariano p < 0.0001)."
    )


def test_a_model_no_better_than_a_naive_forecast_is_called_so(evaluation: Evaluation) -> None:
    loss = evaluation.direction.log_loss
    words = against_naive(_with_loss(_with_loss(evaluation, "reversal", loss), "drift", loss - 0.001))
    assert f"Its P(up) is {NO_BETTER}: its log-loss {loss:.5f} is not below that of reversal and drift." in words


def test_a_loss_that_is_no_number_beats_nobody(evaluation: Evaluation) -> None:
    broken = replace(evaluation, direction=replace(evaluation.direction, log_loss=float("nan")))
    assert f"{NO_BETTER}: its log-loss n/a is not below" in against_naive(broken)
    assert "the trees add nothing here" in against_naive(broken)


def test_a_lead_by_chance_is_called_so(evaluation: Evaluation) -> None:
    words = against_naive(_tested(evaluation, climatology=BY_CHANCE))
    assert f"{NO_BETTER}: its lead over climatology may be chance (Diebold-Mariano p 0.21)" in words


def test_a_lead_over_the_reversal_that_may_be_chance_is_doubted(evaluation: Evaluation) -> None:
    words = against_naive(_tested(evaluation, reversal=BY_CHANCE))
    assert "Its lead over reversal may be chance (Diebold-Mariano p 0.21)." in words
    assert "lead over logistic" not in words


def test_trees_that_add_nothing_to_a_regression_are_called_so(evaluation: Evaluation) -> None:
    words = against_naive(_with_loss(evaluation, LOGISTIC, evaluation.direction.log_loss))
    assert "the trees add nothing here" in words
    assert "lead over logistic" not in words


def test_an_expected_return_is_better_only_where_it_is_surely_so(evaluation: Evaluation) -> None:
    better = replace(evaluation, returns=replace(evaluation.returns, mae_skill=0.004), against_random_walk=SURE)
    assert "expected return is better than expecting no change: the mean absolute error is 0.40 % lower" in _points(
        better
    )
    assert "expected return is no better" in _points(replace(better, against_random_walk=BY_CHANCE))
    worse = replace(better, returns=replace(better.returns, mae_skill=-0.01))
    assert "is no better than expecting no change: the mean absolute error is 1.00 % higher" in _points(worse)


def test_an_interval_worse_than_one_that_learns_nothing_is_called_so(evaluation: Evaluation) -> None:
    interval = evaluation.interval
    half = replace(evaluation.volatility_interval, pinball_bps=interval.pinball_bps / 1.5)
    assert "50.0 % higher than that of recent volatility alone" in _points(
        replace(evaluation, volatility_interval=half)
    )


def test_a_side_that_loses_before_costs_has_no_cost_to_break_even(evaluation: Evaluation) -> None:
    scored = evaluation.walked.scored
    wrong = replace(scored, probability_up=np.where(scored.target > 0, 0.4, 0.6))
    losing = replace(evaluation, walked=replace(evaluation.walked, scored=wrong))
    assert break_even(losing, horizon_bars=1) == "No cost is low enough to break even."


def test_no_champion_is_told(evaluation: Evaluation) -> None:
    assert "There is no champion that could be walked" in _points(evaluation)


@pytest.mark.parametrize(
    ("names", "text"), [([], "none"), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")]
)
def test_names_are_listed_as_a_person_does(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_what_is_no_number_is_missing() -> None:
    assert (number(float("nan"), ".2f"), percent(float("inf")), percent(None), p_value(None)) == ("n/a",) * 4
    assert (percent(0.8991), percent(-0.002, "+.2f"), p_value(1e-9), p_value(0.0464)) == (
        "89.9 %",
        "-0.20 %",
        "< 0.0001",
        "0.046",
    )
