"""How a training run is done: block sizes, refits, trials, seed, and the boosters' parameters."""

from dataclasses import dataclass
from typing import Final

from mercado.bitcoin.candles import CandleInterval
from mercado.errors import ConfigurationError
from mercado.series import TRAINED_INTERVALS
from mercado.settings import TrainingSettings

# So many rows it takes until a gain in log-loss like that of real hours is significant (measured): fewer let luck pass.
LEAST_HOLDOUT_BARS: Final = 1200


@dataclass(frozen=True)
class TrainingPlan:
    """The choices of one training run; none is tuned.

    Attributes:
        holdout_bars: Rows in the last block, on which nothing is tuned. 180 days of hours: with 30 days an honest
            model is refused four times in five.
        refits: How often the model is refitted while it walks through that block.
        tuning_folds: Walk-forward folds inside the development rows, for the trials.
        trials: Parameter sets tried. Tuning is worth little (12 trials 0.68884, 40 trials 0.68878 log-loss, measured).
        seed: Of everything random.
        horizon_bars: How many bars ahead is forecast.
        recalibrate_bars: Rows after which the interval is calibrated anew within the walk: a week of hours, as often as
            the gate lets a model that is no worse take over.
        workers: That share the study; each gets its part of the threads. With one, equal data and seed give equal
            parameters; with more, the order in which trials end has its say.
        threads: Of XGBoost. Results are equal bit for bit for equal data, seed and threads. The boosters are so small
            that one is the fastest: 12 trials 21.7 s, with two threads 30.9 s (measured, docs/benchmarks.md).
    """

    holdout_bars: int = 4320
    refits: int = 12
    tuning_folds: int = 4
    trials: int = 40
    seed: int = 7
    threads: int = 1
    workers: int = 1
    horizon_bars: int = 1
    recalibrate_bars: int = 168


def training_plan(settings: TrainingSettings, interval: CandleInterval, **choices: int | None) -> TrainingPlan:
    """Return the plan of the settings, with those ``choices`` that are not ``None`` in place of theirs.

    The settings' last block is counted in hours; longer candles have fewer in the same time, but never fewer than
    `LEAST_HOLDOUT_BARS` unless they are chosen.

    Raises:
        ConfigurationError: A choice is out of the settings' bounds, or the candles are too short; names it.
    """
    if interval not in TRAINED_INTERVALS:
        raise ConfigurationError(
            f"No forecaster is trained on candles of {interval}, of which there are more than a training holds in "
            f"memory: choose one of {', '.join(TRAINED_INTERVALS)}."
        )
    chosen = {name: value for name, value in choices.items() if value is not None}
    same_time = settings.holdout_bars * CandleInterval.ONE_HOUR.milliseconds // interval.milliseconds
    holdout_bars = min(settings.holdout_bars, max(LEAST_HOLDOUT_BARS, same_time))
    return TrainingPlan(**settings.with_choices({"holdout_bars": holdout_bars} | chosen).model_dump())


@dataclass(frozen=True)
class BoosterParams:
    """XGBoost's parameters for the direction booster, by XGBoost's own names.

    The defaults are cautious, and the first trial of every study: the signal is so weak that on 7,000 simulated rows
    depth 2 with these penalties is promoted in 15 of 16 draws, depth 3 with a third of them in 2 of 8.

    Attributes:
        max_depth: Levels of a tree. An untuned 6 is worse than a coin on real hours.
        eta: Learning rate.
        min_child_weight: Least sum of hessians in a leaf; with P near 0.5 a row counts 0.25.
        subsample: Share of rows per tree.
        colsample_bytree: Share of features per tree.
        reg_lambda: L2 penalty of leaf values.
        rounds: Trees; a study finds their number by stopping early.
    """

    max_depth: int = 2
    eta: float = 0.03
    min_child_weight: float = 100.0
    subsample: float = 0.7
    colsample_bytree: float = 0.7
    reg_lambda: float = 30.0
    rounds: int = 100
