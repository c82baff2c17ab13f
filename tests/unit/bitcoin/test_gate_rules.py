"""Promises of `mercado.bitcoin.gate` about its thresholds: each of them refuses alone, and says why."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.baselines import CLIMATOLOGY
from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.gate import GateRules, judge
from mercado.bitcoin.metrics import DieboldMariano


def _failed(evaluation: Evaluation, certificate: LeakCertificate, rules: GateRules | None = None) -> set[str]:
    return {reason.name for reason in judge(evaluation, certificate, rules=rules).refusals}


def test_a_model_no_better_than_a_baseline_is_refused(evaluation: Evaluation, certificate: LeakCertificate) -> None:
    equal = dict(evaluation.naive_direction)
    equal["reversal"] = replace(equal["reversal"], log_loss=evaluation.direction.log_loss)
    assert _failed(replace(evaluation, naive_direction=equal), certificate) == {"log_loss_below_reversal"}


def test_a_better_loss_by_chance_is_refused(evaluation: Evaluation, certificate: LeakCertificate) -> None:
    by_chance = dict(evaluation.against) | {CLIMATOLOGY: DieboldMariano(-1.6, 0.055)}
    assert _failed(replace(evaluation, against=by_chance), certificate) == {"significant_against_climatology"}


def test_a_hit_rate_that_may_be_that_of_the_usual_side_is_refused(
    evaluation: Evaluation, certificate: LeakCertificate
) -> None:
    direction, always = evaluation.direction, evaluation.naive_direction[CLIMATOLOGY]
    usual = max(direction.base_rate, always.hit_rate)
    assert direction.hit_rate > direction.hit_rate_low > usual
    equal, above = (
        replace(evaluation, direction=replace(direction, hit_rate_low=low)) for low in (usual, np.nextafter(usual, 1))
    )
    assert _failed(equal, certificate) == {"hit_rate_above_majority"}
    assert _failed(above, certificate) == set()
    (reason,) = judge(equal, certificate).refusals
    assert "lower end of the hit rate's 95 % interval" in reason.sentence


def test_the_usual_side_is_the_more_frequent_one_of_the_block_or_of_climatology(
    evaluation: Evaluation, certificate: LeakCertificate
) -> None:
    low, naive = evaluation.direction.hit_rate_low, dict(evaluation.naive_direction)
    frequent = replace(evaluation, direction=replace(evaluation.direction, base_rate=low))
    naive[CLIMATOLOGY] = replace(naive[CLIMATOLOGY], hit_rate=low)
    for other in (frequent, replace(evaluation, naive_direction=naive)):
        assert _failed(other, certificate) == {"hit_rate_above_majority"}


@pytest.mark.parametrize(
    ("coverage", "rule"),
    [(0.86, "coverage_high_enough"), (0.94, "coverage_low_enough"), (np.nan, "coverage_low_enough")],
)
def test_an_interval_that_is_not_90_percent_is_refused(
    evaluation: Evaluation, certificate: LeakCertificate, coverage: float, rule: str
) -> None:
    other = replace(evaluation, interval=replace(evaluation.interval, coverage=coverage))
    assert rule in _failed(other, certificate)


def test_each_sanity_limit_refuses_alone(evaluation: Evaluation, certificate: LeakCertificate) -> None:
    hits = replace(evaluation, direction=replace(evaluation.direction, hit_rate=0.61))
    assert _failed(hits, certificate) == {"hit_rate_plausible"}
    explains = replace(evaluation, returns=replace(evaluation.returns, r2=0.06))
    assert _failed(explains, certificate) == {"r2_plausible"}
    assert _failed(evaluation, certificate, GateRules(greatest_r2=0.001)) == {"r2_plausible"}


def test_a_reason_says_what_was_measured_and_what_was_expected(
    evaluation: Evaluation, certificate: LeakCertificate
) -> None:
    better = replace(evaluation, direction=replace(evaluation.direction, hit_rate=0.75))
    (reason,) = judge(better, certificate).refusals
    assert (reason.value, reason.threshold, reason.passed) == (0.75, 0.6, False)
    assert reason.sentence == ("The hit rate 0.75 is not at most 0.6, above which a leak of the future is suspected.")
