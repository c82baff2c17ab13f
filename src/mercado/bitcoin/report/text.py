"""The walk-forward's figures as a text table: the model beside every baseline, with what each figure means."""

from collections.abc import Mapping

from mercado.bitcoin.baselines import CLIMATOLOGY, DRIFT, LOGISTIC, PERSISTENCE, RANDOM_WALK, REVERSAL
from mercado.bitcoin.costs import COSTS_BPS

BASELINES = (CLIMATOLOGY, REVERSAL, PERSISTENCE, DRIFT, RANDOM_WALK, LOGISTIC)


def comparison_table(metrics: Mapping[str, float]) -> str:
    """Return a table of the model and the baselines from the flat metrics that a training run logs.

    Args:
        metrics: Of `mercado.bitcoin.evaluation.Evaluation.metrics`.
    """
    lines = [f"  {'':<14}{'hit rate':>9}{'95 % interval':>18}{'log-loss':>10}{'AUC':>8}"]
    lines.append(_row("model", "", metrics))
    lines += [_row(name, f"{name}.", metrics) for name in BASELINES if f"{name}.log_loss" in metrics]
    p_value = metrics["climatology.dm_p_value"]
    lines.append(
        f"  {metrics['rows']:.0f} bars that nothing was tuned on; log-loss {metrics['log_loss_skill']:+.2%} against "
        f"climatology (Diebold-Mariano p = {p_value:.2g}); 90 % interval covers {metrics['coverage']:.1%}, "
        f"pinball {metrics['pinball_skill']:+.1%} against the last year's."
    )
    sharpe = ", ".join(f"{metrics[f'sharpe_at_{cost:g}_bps']:+.1f} at {cost:g} bps" for cost in COSTS_BPS)
    lines.append(f"  Yearly Sharpe ratio of trading on its side, a diagnosis only, by cost a side: {sharpe}.")
    return "\n".join(lines)


def _row(name: str, prefix: str, metrics: Mapping[str, float]) -> str:
    low, high = metrics[f"{prefix}hit_rate_low"], metrics[f"{prefix}hit_rate_high"]
    return (
        f"  {name:<14}{metrics[f'{prefix}hit_rate']:>9.2%}{f'[{low:.2%}, {high:.2%}]':>18}"
        f"{metrics[f'{prefix}log_loss']:>10.5f}{metrics[f'{prefix}auc']:>8.4f}"
    )
