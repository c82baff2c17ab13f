"""The gate: whether a model may be served, and every reason why.

A model must be better than each naive forecast on candles that nothing was tuned on, significantly better than
climatology, and honest about its uncertainty; its features must hold a leak certificate. It must also not be too good:
on real hours an honest model hits 53 % to 56 %, and what hits 90 % has read the future. Where a champion is served, the
challenger must be significantly better on the same rows; or, once the champion is old, not significantly worse.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mercado.bitcoin.baselines import CLIMATOLOGY, LOGISTIC
from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.comparison import LEAST_ROWS, Champion, Comparison
from mercado.bitcoin.evaluation import Evaluation

_RELATIONS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "<": (operator.lt, "below"),
    ">": (operator.gt, "above"),
    "<=": (operator.le, "at most"),
    ">=": (operator.ge, "at least"),
}


@dataclass(frozen=True)
class GateRules:
    """The gate's thresholds.

    Real hours explain 0.2 % to 0.6 % of the variance of returns and hit 53 % to 56 %, so 2 % and 60 % are too good to
    be true. Simulated candles need another limit: a planted one-hour reversal of correlation 0.16 hits 1/2 +
    arcsin(0.16)/π = 55 % and explains 0.16² = 2.6 %. So a demo sets 5 %, what a correlation of 0.22 explains, with a
    hit rate of 57 %.

    Attributes:
        greatest_dm_p_value: One-sided, of the log-loss against climatology, and against a champion. A rival is
            significantly better than the model where the p-value is above 1 less this.
        champion_fresh_days: For so long a champion gives way to a significantly better model only; then to one that is
            not significantly worse, because it knows the latest candles.
        least_coverage: Of the 90 % interval.
        greatest_coverage: Of the 90 % interval.
        greatest_hit_rate: Above it a leak is suspected.
        greatest_r2: Above it a leak is suspected.
    """

    greatest_dm_p_value: float = 0.05
    champion_fresh_days: float = 7.0
    least_coverage: float = 0.87
    greatest_coverage: float = 0.93
    greatest_hit_rate: float = 0.60
    greatest_r2: float = 0.02


@dataclass(frozen=True)
class Reason:
    """One rule of the gate, and how the model stands to it.

    Attributes:
        name: Of the rule, fit for a tag.
        value: The model's.
        threshold: The rule's.
        passed: Whether the rule is met; never with a value that is not a number.
        sentence: The same for a person.
    """

    name: str
    value: float
    threshold: float
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """Whether the model may be served; it may when every rule is met.

    Attributes:
        promote: Whether.
        reasons: Every rule, met or not.
    """

    promote: bool
    reasons: tuple[Reason, ...]

    @property
    def refusals(self) -> tuple[Reason, ...]:
        """Return the rules that are not met."""
        return tuple(reason for reason in self.reasons if not reason.passed)


def judge(
    evaluation: Evaluation,
    certificate: LeakCertificate,
    comparison: Comparison | Champion | None = None,
    rules: GateRules | None = None,
) -> Verdict:
    """Judge a model.

    Args:
        evaluation: Its scores on the untouched block.
        certificate: Of its features, on its candles.
        comparison: With the champion on the same rows; the champion itself when it cannot be walked through them;
            ``None`` when there is no champion.
        rules: The thresholds.
    """
    rules = rules or GateRules()
    reasons = (
        *_skill(evaluation, rules),
        *_calibration(evaluation, rules),
        *_sanity(evaluation, rules),
        Reason("leak_certificate", float(certificate.passed), 1.0, certificate.passed, certificate.sentence),
        *_against_champion(comparison, rules),
    )
    return Verdict(all(reason.passed for reason in reasons), reasons)


def _skill(evaluation: Evaluation, rules: GateRules) -> tuple[Reason, ...]:
    loss, majority = evaluation.direction.log_loss, evaluation.naive_direction[CLIMATOLOGY]
    beaten = (
        _reason(f"log_loss_below_{name}", "log-loss", loss, "<", scores.log_loss, f"that of {name}")
        for name, scores in evaluation.naive_direction.items()
        if name != LOGISTIC
    )
    p_value, limit = evaluation.against[CLIMATOLOGY].p_value, rules.greatest_dm_p_value
    test = "the level of the Diebold-Mariano test against climatology"
    hits, usual = evaluation.direction.hit_rate_low, max(majority.hit_rate, evaluation.direction.base_rate)
    figure = "lower end of the hit rate's 95 % interval"
    return (
        *beaten,
        _reason("significant_against_climatology", "p-value", p_value, "<", limit, test),
        _reason("hit_rate_above_majority", figure, hits, ">", usual, "what always naming the more frequent side hits"),
        _not_worse("not_worse_than_logistic", evaluation.against[LOGISTIC].p_value, rules, "a logistic regression"),
    )


def _against_champion(comparison: Comparison | Champion | None, rules: GateRules) -> tuple[Reason, ...]:
    if comparison is None:
        return ()
    if isinstance(comparison, Champion):
        return (_outlived(comparison, rules),)
    champion, rows = comparison.champion, len(comparison.open_time_ms)
    enough = _reason(
        "enough_rows_new_to_champion",
        f"number of rows that champion {champion.version} was not tuned on",
        rows,
        ">=",
        LEAST_ROWS,
        "below which the two cannot be compared",
    )
    if not enough.passed:
        return (enough,)
    who = f"champion {champion.version}, {champion.age_days:.0f} days old"
    if champion.age_days > rules.champion_fresh_days:
        return enough, _not_worse("not_worse_than_champion", comparison.test.p_value, rules, who)
    meaning = f"the level of the Diebold-Mariano test against {who}"
    limit = rules.greatest_dm_p_value
    return enough, _reason("better_than_champion", "p-value", comparison.test.p_value, "<", limit, meaning)


def _outlived(champion: Champion, rules: GateRules) -> Reason:
    figure = f"age in days of champion {champion.version}, which reads other features and cannot be walked,"
    meaning = "below which only a person replaces a champion that nothing was compared with"
    return _reason("champion_comparable", figure, champion.age_days, ">", rules.champion_fresh_days, meaning)


def _not_worse(name: str, p_value: float, rules: GateRules, rival: str) -> Reason:
    limit = 1 - rules.greatest_dm_p_value
    return _reason(name, "p-value", p_value, "<=", limit, f"above which {rival} is significantly better")


def _calibration(evaluation: Evaluation, rules: GateRules) -> tuple[Reason, ...]:
    value, least, greatest = evaluation.interval.coverage, rules.least_coverage, rules.greatest_coverage
    figure = "coverage of the 90 % interval"
    return (
        _reason("coverage_high_enough", figure, value, ">=", least, "below which it promises too much"),
        _reason("coverage_low_enough", figure, value, "<=", greatest, "above which it says too little"),
    )


def _sanity(evaluation: Evaluation, rules: GateRules) -> tuple[Reason, ...]:
    hit_rate, r2 = evaluation.direction.hit_rate, evaluation.returns.r2
    leak = "above which a leak of the future is suspected"
    return (
        _reason("hit_rate_plausible", "hit rate", hit_rate, "<=", rules.greatest_hit_rate, leak),
        _reason("r2_plausible", "R² of the return", r2, "<=", rules.greatest_r2, leak),
    )


def _reason(name: str, figure: str, value: float, relation: str, threshold: float, meaning: str) -> Reason:
    holds, words = _RELATIONS[relation]
    passed = bool(holds(value, threshold))
    verb = "is" if passed else "is not"
    sentence = f"The {figure} {value:.5g} {verb} {words} {threshold:.5g}, {meaning}."
    return Reason(name, value, threshold, passed, sentence)
