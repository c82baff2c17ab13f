"""What MLflow's UI says about experiments, runs, models and versions: names, tags and Markdown."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from mercado import __version__
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.report.number_text import number, p_value, percent
from mercado.bitcoin.training_job import TrainingJob
from mercado.registry import FORECASTER_MODEL, model_name

# Tags of runs; the same names in every run, so that the list can be filtered and compared by them.
STEP_TAG: Final = "step"
ORIGIN_TAG: Final = "data_origin"
DAG_RUN_TAG: Final = "dag_run"
DAG_RUN_URL_TAG: Final = "dag_run_url"
VERSION_TAG: Final = "model_version"


def _flowing(text: str) -> str:
    """Return Markdown with each paragraph and list item on one line: MLflow's UI breaks lines where the text does."""
    return re.sub(r"(?<!\n)\n *(?![\n\-|]|\Z)", " ", text)


TRAININGS_ABOUT: Final = _flowing("""\
**Trainings of the forecaster of the next closed candle.** One run is one training; below it are the `study` with its
trials, the `walk-forward` through the untouched last block, and the `final fit`.

- Begin with a run's artifact `report/report.html`: verdict, figures, and what they do not say.
- `log_loss`, `hit_rate`, `coverage` and `climatology.…` are of the last block, on which nothing was tuned, refitted as
  the served model would be. `tuning_log_loss` is of the study's folds before that block.
- To compare trials: open a training's `study`, select its trials, *Compare*; all have the parameters and the metric in
  common. To compare trainings: filter by `tags.step = 'training'`.
- MLflow opens with its pages for language models: choose *Model training* at the top left.
- A training starts when new candles came (Airflow's DAG `bitcoin_training_pipeline`), or by `mercado bitcoin train`.
""")
MONITORING_ABOUT: Final = _flowing("""\
**Looks at the served forecaster**, one run a look, by Airflow's DAG `prediction_monitoring`: how its forecasts did
since, and whether its input still looks like its training.

- Begin with a run's artifact `report/monitoring.html`; the tag `verdict` is healthy, drift, decay or unknown.
- `live.…` are forecasts that somebody was given, `replayed.…` those that the champion would have given, by window in
  days. `drift.…` is the share of features beyond their limits, `psi.…` one feature's distance from its training.
- What is unknown is no metric, never 0.
""")


def series_tags(symbol: str, interval: str, horizon_bars: int) -> dict[str, str]:
    """Return the tags that every run of a series has."""
    return {
        "symbol": symbol,
        "interval": interval,
        "horizon_bars": str(horizon_bars),
        "mercado_version": __version__,
    }


def job_tags(job: TrainingJob) -> dict[str, str]:
    """Return `series_tags` of a training."""
    return series_tags(job.symbol, job.interval, job.training_plan.horizon_bars)


def series_name(symbol: str, interval: str, horizon_bars: int) -> str:
    """Return a series in words, such as ``BTCUSDT 1h``; a longer horizon is named."""
    return f"{symbol} {interval}" + (f" {horizon_bars} ahead" if horizon_bars > 1 else "")


def training_name(symbol: str, interval: str, plan: TrainingPlan, now: datetime) -> str:
    """Return the name of a training's run, such as ``train BTCUSDT 1h 2026-11-26 13:20 · 8 trials``; ``now`` in UTC."""
    trials = f"{plan.trials} trial{'s' if plan.trials > 1 else ''}"
    return f"train {series_name(symbol, interval, plan.horizon_bars)} {now:%Y-%m-%d %H:%M} · {trials}"


def training_note(tags: Mapping[str, str]) -> str:
    """Return what is said of a training under way."""
    return (
        "Under way: leak certificate of the features, Optuna study, walk-forward over the untouched last block, gate, "
        f"registry. At the end there is the artifact `report/report.html`.{airflow_link(tags)}"
    )


def airflow_link(tags: Mapping[str, str]) -> str:
    """Return a paragraph with a link to the run of the DAG that a run belongs to, if it belongs to one."""
    url = tags.get(DAG_RUN_URL_TAG)
    return f"\n\n[The DAG's run in Airflow]({url})" if url else ""


def about_model(symbol: str, interval: str, horizon_bars: int) -> str:
    """Return what is said of a registered model."""
    name = model_name(symbol, interval, horizon_bars)
    candle = "the next closed candle" if horizon_bars == 1 else f"the candle {horizon_bars} ahead"
    option = "" if name == FORECASTER_MODEL else f" --model {name}"
    return _flowing(f"""\
**Forecasts {candle} of {symbol} {interval}**: P(up), the expected log return, and a calibrated 90 % interval; never a
price level. XGBoost on features of the last 1000 candles at most.

- **Judged** by a gate, on a last block that nothing was tuned on: better than climatology and the other baselines, an
  honest interval, not too good to be true, proven not to read the future, and no worse than the champion. The tags
  `verdict` and `verdict_reason` of each version say how it ended.
- **Served** is the version with the alias `champion`; the API follows within seconds. The newest that is not has the
  alias `challenger`.
- **Roll back**: `mercado model rollback{option}`. **Choose another**: `mercado model promote{option} VERSION`, of those
  that `mercado model list{option}` shows. A version without a leak certificate cannot be promoted.
- **Watched** by Airflow's DAG `prediction_monitoring`; see the experiment `bitcoin-forecaster-monitoring`.
""")


def about_version(
    metrics: Mapping[str, float], *, verdict: str, reason: str, facts: Mapping[str, str], run: str
) -> str:
    """Return what is said of a version.

    Args:
        metrics: Of `mercado.bitcoin.evaluation.Evaluation.metrics`.
        verdict: The gate's, in a word.
        reason: Why, in sentences.
        facts: About the training set, by name.
        run: Address of its run within MLflow's UI, from ``#`` on.
    """
    rows = f"{metrics['rows']:,.0f}"
    return f"""\
**{verdict.capitalize()}.** {reason}

| on {rows} candles that nothing was tuned on | model | climatology |
|---|---|---|
| hit rate | {percent(metrics["hit_rate"], ".2f")} | {percent(metrics["climatology.hit_rate"], ".2f")} |
| log-loss | {number(metrics["log_loss"], ".5f")} | {number(metrics["climatology.log_loss"], ".5f")} |
| coverage of the 90 % interval | {percent(metrics["coverage"], ".2f")} | |

Better than climatology by chance with p = {p_value(metrics["climatology.dm_p_value"])} (Diebold-Mariano).

{chr(10).join(f"- {name}: {fact}" for name, fact in facts.items())}

[The report]({run}/artifacts/report/report.html) · [the training's run]({run})
"""
