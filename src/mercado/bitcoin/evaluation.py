"""The evaluation: what the walk through the untouched last block says about the model, beside every baseline."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from mercado.bitcoin.baselines import CLIMATOLOGY, DRIFT, LOGISTIC, REVERSAL
from mercado.bitcoin.boosters import fit_direction, fit_spread
from mercado.bitcoin.calibration import CALIBRATION_ROWS, ScoredRows, calibrate
from mercado.bitcoin.costs import Outcome, trading_outcomes
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.metrics import (
    DieboldMariano,
    DirectionScores,
    IntervalScores,
    ReturnScores,
    diebold_mariano,
    direction_scores,
    interval_scores,
    log_losses,
    return_scores,
    skill,
)
from mercado.bitcoin.months import LEAST_ROWS, Month, by_month, share_of_kept_promises
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.walk import BaselineRows, SegmentCallback, WalkedRows, walk_baselines, walk_model

_RANGE_QUANTILES: Final = (0.001, 0.999)


@dataclass(frozen=True)
class Evaluation:
    """Scores on the untouched last block, pooled over its segments.

    Attributes:
        walked: The forecasts behind the scores, row by row.
        baselines: Those of the baselines.
        calibration_rows: The last 1440 out-of-sample rows, which calibrate the final forecaster.
        direction: Of P(up).
        returns: Of the expected log return.
        interval: Of the 90 % interval.
        naive_direction: Of each baseline's P(up).
        drift_returns: Of the drift's expected log return.
        empirical_interval: Of the interval that the last year's returns give.
        volatility_interval: Of the interval that recent volatility gives, without any learning.
        against: Diebold-Mariano of the log-loss, against ``climatology``, ``reversal`` and ``logistic``.
        against_random_walk: Diebold-Mariano of the absolute error of the return, against no change.
        months: Scores by month, log-loss beside climatology's.
        outcomes: Of trading on the forecast's side, by costs.
    """

    walked: WalkedRows
    baselines: BaselineRows
    calibration_rows: ScoredRows
    direction: DirectionScores
    returns: ReturnScores
    interval: IntervalScores
    naive_direction: Mapping[str, DirectionScores]
    drift_returns: ReturnScores
    empirical_interval: IntervalScores
    volatility_interval: IntervalScores
    against: Mapping[str, DieboldMariano]
    against_random_walk: DieboldMariano
    months: list[Month]
    outcomes: tuple[Outcome, ...]

    @property
    def log_loss_skill(self) -> float:
        """Return 1 - log-loss / climatology's log-loss; 0.005 to 0.010 on real hours is honest."""
        return skill(self.direction.log_loss, self.naive_direction[CLIMATOLOGY].log_loss)

    @property
    def pinball_skill(self) -> float:
        """Return 1 - pinball loss / that of the empirical interval."""
        return skill(self.interval.pinball_bps, self.empirical_interval.pinball_bps)

    def metrics(self) -> dict[str, float]:
        """Return every score by a flat name: ``log_loss``, ``reversal.log_loss``, ``reversal.dm_p_value``..."""
        flat = {
            **asdict(self.direction),
            **asdict(self.returns),
            **asdict(self.interval),
            "rows": float(len(self.walked)),
            "log_loss_skill": self.log_loss_skill,
            "pinball_skill": self.pinball_skill,
            "pinball_skill_against_volatility": skill(self.interval.pinball_bps, self.volatility_interval.pinball_bps),
            "random_walk.mae_dm_statistic": self.against_random_walk.statistic,
            "random_walk.mae_dm_p_value": self.against_random_walk.p_value,
            f"{DRIFT}.mae_skill": self.drift_returns.mae_skill,
        }
        if any(month.rows >= LEAST_ROWS for month in self.months):
            flat["months_with_coverage_kept"] = share_of_kept_promises(self.months)
        for name, interval in (("empirical", self.empirical_interval), ("volatility", self.volatility_interval)):
            flat |= {f"{name}.{score}": value for score, value in asdict(interval).items()}
        for name, scores in self.naive_direction.items():
            flat |= {f"{name}.{score}": value for score, value in asdict(scores).items() if score != "base_rate"}
        for name, test in self.against.items():
            flat |= {f"{name}.dm_statistic": test.statistic, f"{name}.dm_p_value": test.p_value}
        for outcome in self.outcomes:
            flat[f"sharpe_at_{outcome.cost_bps:g}_bps"] = outcome.sharpe
        return flat


def walk_forward(
    training_set: TrainingSet, params: BoosterParams, *, plan: TrainingPlan, on_segment: SegmentCallback | None = None
) -> Evaluation:
    """Evaluate the parameters on the untouched last block, refitting as the model would be.

    Args:
        training_set: All rows; none of the last ``plan.holdout_bars`` may have been tuned on.
        params: Of the direction booster.
        plan: Sizes, seed and threads; equal data and plan give equal metrics, bit for bit.
        on_segment: Called after each refit's segment with how many are done, and of how many.

    Raises:
        NotEnoughDataError: Too few rows for the block and for what must come before it.
    """
    walked, scored = walk_model(training_set, params, plan=plan, on_segment=on_segment)
    baselines = walk_baselines(training_set, plan=plan)
    target, horizon_bars = walked.scored.target, training_set.horizon_bars
    up, probability_up = target > 0, walked.scored.probability_up
    losses = log_losses(up, probability_up)
    return Evaluation(
        walked=walked,
        baselines=baselines,
        calibration_rows=scored[-CALIBRATION_ROWS:],
        direction=direction_scores(up, probability_up, horizon_bars=horizon_bars),
        returns=return_scores(target, walked.expected),
        interval=interval_scores(target, walked.lower, walked.upper),
        naive_direction={
            name: direction_scores(up, naive.probability_up, naive.side, horizon_bars=horizon_bars)
            for name, naive in baselines.naive.items()
        },
        drift_returns=return_scores(target, baselines.naive[DRIFT].expected_log_return),
        empirical_interval=interval_scores(target, *baselines.empirical),
        volatility_interval=interval_scores(target, *baselines.volatility),
        against={
            name: diebold_mariano(
                losses, log_losses(up, baselines.naive[name].probability_up), horizon_bars=horizon_bars
            )
            for name in (CLIMATOLOGY, REVERSAL, LOGISTIC)
        },
        against_random_walk=diebold_mariano(
            np.abs(target - walked.expected), np.abs(target), horizon_bars=horizon_bars
        ),
        months=list(by_month(walked, baselines.naive[CLIMATOLOGY].probability_up)),
        outcomes=trading_outcomes(
            target,
            probability_up,
            interval_ms=training_set.interval.milliseconds,
            horizon_bars=horizon_bars,
        ),
    )


def fit_final(
    training_set: TrainingSet, params: BoosterParams, evaluation: Evaluation, *, plan: TrainingPlan
) -> Forecaster:
    """Return the forecaster to serve: fitted on all rows, calibrated by the walk-forward's last 1440.

    The evaluation judged the procedure, not these trees: they are the next refit of the same walk.

    Args:
        training_set: All rows, the last block included.
        params: As evaluated.
        evaluation: Of ``training_set`` and ``params``.
        plan: Seed and threads.
    """
    features = training_set.features
    low, high = np.quantile(features, _RANGE_QUANTILES, axis=0).astype(np.float32)
    return Forecaster(
        direction=fit_direction(features, training_set.up, params, seed=plan.seed, threads=plan.threads),
        spread=fit_spread(features, training_set.target, seed=plan.seed, threads=plan.threads),
        calibration=calibrate(evaluation.calibration_rows),
        feature_low=low,
        feature_high=high,
        symbol=training_set.symbol,
        interval=training_set.interval,
        training_digest=training_set.digest,
        training_first_ms=training_set.first_open_time_ms,
        training_last_ms=training_set.last_open_time_ms,
        feature_names=training_set.feature_names,
        horizon_bars=training_set.horizon_bars,
    )
