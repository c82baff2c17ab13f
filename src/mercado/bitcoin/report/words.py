"""What the report says in plain words; every sentence is computed from the verdict and the figures.

A model that is no better than the naive forecast is called so, and nothing here promises a profit.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from mercado.bitcoin.baselines import CLIMATOLOGY, LOGISTIC, REVERSAL
from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.comparison import LEAST_ROWS, Comparison
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.gate import Verdict
from mercado.bitcoin.metrics import IntervalScores
from mercado.bitcoin.report import chart_data as data
from mercado.bitcoin.report.charts import survival
from mercado.bitcoin.report.number_text import number, p_value, percent

NO_PROMISE: Final = "This looks back on past candles; it is neither a promise nor advice."
NO_BETTER: Final = "no better than the naive forecast"
_SIGNIFICANT: Final = 0.05


def decision(verdict: Verdict, evaluation: Evaluation) -> str:
    """Return whether the model may be promoted; the rules that it does not meet say why not."""
    bars = f"{len(evaluation.walked):,} bars that nothing was tuned on"
    if verdict.promote:
        return f"May be promoted: the model meets all {len(verdict.reasons)} rules of the gate, on {bars}."
    count = f"{len(verdict.refusals)} of {len(verdict.reasons)} rules of the gate"
    return f"Not promoted: the model does not meet {count}, on {bars}."


def against_naive(evaluation: Evaluation) -> str:
    """Return whether P(up) is better than the naive forecasts, and than the regression, which is not naive."""
    rival = evaluation.naive_direction[LOGISTIC]
    sentences = [f"Its P(up) is {_standing(evaluation)}", *_doubts(evaluation)]
    if not evaluation.direction.log_loss < rival.log_loss:
        sentences.append("A logistic regression on the same features does no worse: the trees add nothing here.")
    return " ".join(sentences)


def _standing(evaluation: Evaluation) -> str:
    loss, p = evaluation.direction.log_loss, evaluation.against[CLIMATOLOGY].p_value
    naive = {name: scores for name, scores in evaluation.naive_direction.items() if name != LOGISTIC}
    # A loss or p-value that is not a number beats nobody.
    unbeaten = [name for name, scores in naive.items() if not loss < scores.log_loss]
    if unbeaten:
        return f"{NO_BETTER}: its log-loss {number(loss, '.5f')} is not below that of {listed(unbeaten)}."
    test = f"(Diebold-Mariano p {p_value(p)})"
    if not p < _SIGNIFICANT:
        return f"{NO_BETTER}: its lead over climatology may be chance {test}."
    skill = percent(evaluation.log_loss_skill, ".2f")
    return f"better than every naive forecast: its log-loss is {skill} below climatology's {test}."


def _doubts(evaluation: Evaluation) -> list[str]:
    loss = evaluation.direction.log_loss
    return [
        f"Its lead over {name} may be chance (Diebold-Mariano p {p_value(evaluation.against[name].p_value)})."
        for name in (REVERSAL, LOGISTIC)
        if loss < evaluation.naive_direction[name].log_loss and not evaluation.against[name].p_value < _SIGNIFICANT
    ]


def points(
    evaluation: Evaluation, comparison: Comparison | None, certificate: LeakCertificate, *, horizon_bars: int
) -> list[str]:
    """Return what else a person should know, the most sobering things included."""
    return [
        _hits(evaluation),
        _interval(evaluation),
        _expected_return(evaluation),
        f"{survival(evaluation.outcomes)}. {break_even(evaluation, horizon_bars=horizon_bars)} {NO_PROMISE}",
        against_champion(comparison),
        certificate.sentence if certificate.passed else f"No figure here can be trusted. {certificate.sentence}",
    ]


def _hits(evaluation: Evaluation) -> str:
    model, majority = evaluation.direction, evaluation.naive_direction[CLIMATOLOGY]
    return (
        f"It named the side of {percent(model.hit_rate)} of the bars (95 %: {percent(model.hit_rate_low)} to "
        f"{percent(model.hit_rate_high)}); always naming the usual side hits {percent(majority.hit_rate)}."
    )


def _interval(evaluation: Evaluation) -> str:
    def beside(other: IntervalScores) -> str:
        skill = 1 - evaluation.interval.pinball_bps / other.pinball_bps
        return f"{percent(abs(skill))} {'lower' if skill > 0 else 'higher'}"

    return (
        f"Its 90 % interval held {percent(evaluation.interval.coverage)} of the returns. Its pinball loss is "
        f"{beside(evaluation.empirical_interval)} than that of the last year's returns and "
        f"{beside(evaluation.volatility_interval)} than that of recent volatility alone."
    )


def _expected_return(evaluation: Evaluation) -> str:
    skill, p = evaluation.returns.mae_skill, evaluation.against_random_walk.p_value
    standing = "better" if skill > 0 and p < _SIGNIFICANT else "no better"
    return (
        f"Its expected return is {standing} than expecting no change: the mean absolute error is "
        f"{percent(abs(skill), '.2f')} {'lower' if skill > 0 else 'higher'} (Diebold-Mariano p {p_value(p)})."
    )


def break_even(evaluation: Evaluation, *, horizon_bars: int) -> str:
    """Return at which costs trading on the named side would have come to nothing."""
    cost = data.trades(evaluation.walked, horizon_bars=horizon_bars).break_even_bps
    if not cost > 0:
        return "No cost is low enough to break even."
    costs = f"{number(cost, '.2f')} basis points a position, spread and slippage included"
    return f"It breaks even at {costs}; fees of 10 are usual."


def against_champion(comparison: Comparison | None) -> str:
    """Return how it did beside the champion."""
    if comparison is None:
        return (
            "There is no champion that could be walked through the same bars, so there is nothing to compare it with."
        )
    champion, rows = comparison.champion, len(comparison.open_time_ms)
    who = f"champion {champion.version}, {champion.age_days:.0f} days old"
    if rows < LEAST_ROWS:
        return f"Only {rows} bars are new to {who}: fewer than {LEAST_ROWS}, so the two are not compared."
    gain = float(np.mean(comparison.champion_losses - comparison.challenger_losses))
    return (
        f"On {rows:,} bars that are new to {who}, its log-loss is {number(abs(gain), '.5f')} nats "
        f"{'below' if gain > 0 else 'above'} the champion's (Diebold-Mariano p {p_value(comparison.test.p_value)})."
    )


def listed(names: Sequence[str]) -> str:
    """Return names as a person lists them: ``a, b and c``; ``none`` for none."""
    if len(names) < 2:
        return "".join(names) or "none"
    return f"{', '.join(names[:-1])} and {names[-1]}"
