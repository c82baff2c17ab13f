"""Promises of `mercado.bitcoin.gate` about champions, rivals and certificates; skill itself: test_evaluation."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.baselines import LOGISTIC
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.certificate import Finding, LeakCertificate, certify
from mercado.bitcoin.comparison import LEAST_ROWS, Champion, Comparison
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.gate import GateRules, Verdict, judge
from mercado.bitcoin.metrics import DieboldMariano
from mercado.bitcoin.plan import BoosterParams
from mercado.settings import GateSettings

FRESH, OLD = 5.0, 60.0


@pytest.fixture(scope="module")
def certificate(candles: CandleSeries) -> LeakCertificate:
    return certify(candles, seed=1, bars=4)


def compared(p_value: float, *, age_days: float = FRESH, rows: int = LEAST_ROWS) -> Comparison:
    champion = Champion(3, BoosterParams(), ("a",), 0, age_days)
    losses = np.zeros(rows)
    return Comparison(champion, np.arange(rows), losses, losses, DieboldMariano(0.0, p_value))


def refused(verdict: Verdict) -> list[str]:
    return [reason.name for reason in verdict.refusals]


def test_without_a_champion_the_baselines_alone_are_to_be_beaten(
    evaluation: Evaluation, certificate: LeakCertificate
) -> None:
    verdict = judge(evaluation, certificate)
    assert verdict.promote
    assert not any("champion" in reason.name for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("p_value", "age_days", "names"),
    [
        (0.01, FRESH, []),
        (0.049, FRESH, []),
        (0.05, FRESH, ["better_than_champion"]),
        (0.5, FRESH, ["better_than_champion"]),
        (0.99, FRESH, ["better_than_champion"]),
        (0.5, OLD, []),
        (0.95, OLD, []),
        (0.96, OLD, ["not_worse_than_champion"]),
        (0.5, 7.0, ["better_than_champion"]),
    ],
)
def test_a_fresh_champion_gives_way_to_a_better_model_and_an_old_one_to_one_that_is_not_worse(
    evaluation: Evaluation, certificate: LeakCertificate, p_value: float, age_days: float, names: list[str]
) -> None:
    assert refused(judge(evaluation, certificate, compared(p_value, age_days=age_days))) == names


def test_too_few_rows_that_are_new_to_the_champion_prove_nothing(
    evaluation: Evaluation, certificate: LeakCertificate
) -> None:
    verdict = judge(evaluation, certificate, compared(0.001, age_days=OLD, rows=LEAST_ROWS - 1))
    assert refused(verdict) == ["enough_rows_new_to_champion"]
    assert "champion 3 was not tuned on 499 is not at least 500" in verdict.refusals[0].sentence


def test_a_significantly_better_regression_refuses_the_trees_and_an_equal_one_does_not(
    evaluation: Evaluation, certificate: LeakCertificate
) -> None:
    def against_logistic(p_value: float) -> Evaluation:
        return replace(evaluation, against={**evaluation.against, LOGISTIC: DieboldMariano(0.0, p_value)})

    assert refused(judge(against_logistic(0.94), certificate)) == []
    assert refused(judge(against_logistic(0.96), certificate)) == ["not_worse_than_logistic"]


def test_without_a_certificate_nothing_is_promoted(evaluation: Evaluation, certificate: LeakCertificate) -> None:
    finding = Finding("future", "momentum_6", 0, "1", "2")
    verdict = judge(evaluation, replace(certificate, passed=False, findings=(finding,)), compared(0.001))
    assert refused(verdict) == ["leak_certificate"]
    assert "momentum_6 of 1970-01-01" in verdict.refusals[0].sentence


def test_a_figure_that_is_no_number_meets_no_rule(evaluation: Evaluation, certificate: LeakCertificate) -> None:
    broken = replace(evaluation, direction=replace(evaluation.direction, log_loss=float("nan")))
    assert "log_loss_below_climatology" in refused(judge(broken, certificate))


def test_the_thresholds_are_settings(
    monkeypatch: pytest.MonkeyPatch, evaluation: Evaluation, certificate: LeakCertificate
) -> None:
    monkeypatch.setenv("MERCADO_GATE_CHAMPION_FRESH_DAYS", "3")
    monkeypatch.setenv("MERCADO_GATE_LEAST_COVERAGE", "0.99")
    rules = GateRules(**GateSettings.read().model_dump())
    assert GateRules(**GateSettings().model_dump()) == rules
    verdict = judge(evaluation, certificate, compared(0.5), rules)
    assert refused(verdict) == ["coverage_high_enough"]
