"""The report's tables: text in rows, ready to be shown; a figure that does not exist is a dash."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.comparison import Comparison
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.gate import Verdict
from mercado.bitcoin.metrics import DirectionScores, IntervalScores
from mercado.bitcoin.report.charts import TrialResult
from mercado.bitcoin.report.number_text import number, p_value, percent

NONE: Final = "–"


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        caption: What it shows, and in which units.
        header: Of each column.
        rows: As many cells each; the first names the row.
        prose: Whether the cells are words, to be set flush left, rather than figures.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    prose: bool = False


def rules(verdict: Verdict) -> Table:
    """Return every rule of the gate, met or not."""
    return Table(
        "Rules of the gate; a model is promoted when all are met",
        ("Rule", "Met", "In words"),
        tuple((reason.name, "met" if reason.passed else "not met", reason.sentence) for reason in verdict.reasons),
        prose=True,
    )


def directions(evaluation: Evaluation) -> Table:
    """Return the model beside every baseline."""
    naive = evaluation.naive_direction.items()
    return Table(
        "P(up): the model beside what it must beat; log-loss in nats; p is the one-sided Diebold-Mariano test's, small "
        "where the model is better",
        ("Forecast", "Hit rate", "95 % interval", "Log-loss", "Brier", "AUC", "p"),
        (
            ("model", *_direction(evaluation.direction), NONE),
            *((name, *_direction(scores), _p_against(evaluation, name)) for name, scores in naive),
        ),
    )


def _direction(scores: DirectionScores) -> tuple[str, ...]:
    return (
        percent(scores.hit_rate, ".2f"),
        f"{percent(scores.hit_rate_low, '.2f')} to {percent(scores.hit_rate_high, '.2f')}",
        number(scores.log_loss, ".5f"),
        number(scores.brier, ".5f"),
        number(scores.auc, ".4f"),
    )


def _p_against(evaluation: Evaluation, name: str) -> str:
    return p_value(evaluation.against[name].p_value) if name in evaluation.against else NONE


def returns(evaluation: Evaluation) -> Table:
    """Return the expected return beside the drift and no change."""
    model, drift = evaluation.returns, evaluation.drift_returns
    p = p_value(evaluation.against_random_walk.p_value)
    return Table(
        "Expected log return: skill of the mean absolute error, and R², both against no change",
        ("Forecast", "MAE skill", "R²", "p"),
        (
            ("model", percent(model.mae_skill, "+.2f"), percent(model.r2, "+.2f"), p),
            ("drift", percent(drift.mae_skill, "+.2f"), percent(drift.r2, "+.2f"), NONE),
            ("random_walk", percent(0, "+.2f"), percent(0, "+.2f"), NONE),
        ),
    )


def intervals(evaluation: Evaluation) -> Table:
    """Return the 90 % interval beside both that learn nothing."""
    empirical = evaluation.empirical_interval.pinball_bps
    named = {
        "model": evaluation.interval,
        "last year's returns": evaluation.empirical_interval,
        "recent volatility alone": evaluation.volatility_interval,
    }
    return Table(
        "90 % intervals; width, pinball loss and Winkler score in basis points, lower is better; skill is that of the "
        "pinball loss against the last year's returns",
        ("Interval", "Coverage", "Width", "Pinball", "Winkler", "Skill"),
        tuple((name, *_interval(scores, empirical)) for name, scores in named.items()),
    )


def _interval(scores: IntervalScores, reference_bps: float) -> tuple[str, ...]:
    return (
        percent(scores.coverage, ".2f"),
        number(scores.mean_width_bps, ".1f"),
        number(scores.pinball_bps, ".3f"),
        number(scores.winkler_bps, ".1f"),
        percent(1 - scores.pinball_bps / reference_bps, "+.1f"),
    )


def outcomes(evaluation: Evaluation) -> Table:
    """Return what trading on the named side would have come to."""
    return Table(
        "Trading on the named side, by costs in basis points of each position traded; no promise",
        ("Costs (bps)", "Mean of a horizon (bps)", "Sharpe ratio of a year", "Log return in all"),
        tuple(
            (
                f"{each.cost_bps:g}",
                number(each.mean_bps, "+.2f"),
                number(each.sharpe, "+.2f"),
                number(each.total_log_return, "+.3f"),
            )
            for each in evaluation.outcomes
        ),
    )


def months(evaluation: Evaluation) -> Table:
    """Return the months behind the charts."""
    return Table(
        "Months, UTC; log-loss in nats",
        ("Month", "Bars", "Hit rate", "Log-loss", "Climatology's", "Skill", "Coverage"),
        tuple(
            (
                month.name,
                str(month.rows),
                percent(month.hit_rate),
                number(month.log_loss, ".5f"),
                number(month.baseline_log_loss, ".5f"),
                percent(month.log_loss_skill, "+.2f"),
                percent(month.coverage),
            )
            for month in evaluation.months
        ),
    )


def champion(comparison: Comparison) -> Table:
    """Return what was measured of champion and challenger on the same rows."""
    figures = comparison.metrics()
    return Table(
        "Champion and challenger; log-loss in nats, age in days",
        ("Figure", "Value"),
        tuple((name.removeprefix("champion."), number(value, ".6g")) for name, value in figures.items()),
    )


def certificate(leaks: LeakCertificate) -> Table:
    """Return what was tried on the features, and what was found."""
    stated = {
        "passed": "yes" if leaks.passed else "no",
        "bars tried, each in three ways": str(leaks.bars),
        "features": str(len(leaks.features)),
        "candles": f"{leaks.candles:,}",
        "seed of the draw": str(leaks.seed),
    }
    found = {f"finding {place}": str(finding) for place, finding in enumerate(leaks.findings, start=1)}
    return facts("Leak certificate", stated | found)


def facts(caption: str, values: Mapping[str, Any]) -> Table:
    """Return named values as a table."""
    rows = tuple((name, f"{value:.6g}" if isinstance(value, float) else str(value)) for name, value in values.items())
    return Table(caption, ("What", "Value"), rows, prose=True)


def record(caption: str, values: Any) -> Table:
    """Return a dataclass's fields as a table."""
    return facts(caption, asdict(values))


def trials(results: Sequence[TrialResult]) -> Table:
    """Return the study's trials, the best first, those without a result last."""
    names = sorted({name for result in results for name in result.params})
    ordered = sorted(results, key=lambda each: (each.log_loss is None, each.log_loss or 0.0, each.number))
    return Table(
        "Trials, by log-loss in nats",
        ("Trial", "State", "Log-loss", "Seconds", *names),
        tuple(
            (
                str(each.number),
                each.state.lower(),
                NONE if each.log_loss is None else number(each.log_loss, ".5f"),
                NONE if each.seconds is None else number(each.seconds, ".1f"),
                *(number(each.params[name], ".4g") if name in each.params else NONE for name in names),
            )
            for each in ordered
        ),
    )
