"""Champion against challenger: both procedures walked through the same rows, which neither was tuned on."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.metrics import DieboldMariano, diebold_mariano, log_losses
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.walk import WalkedRows, walk_model

LEAST_ROWS: Final = 500


@dataclass(frozen=True)
class Champion:
    """The version that is served, as far as a comparison needs it.

    Attributes:
        version: Its number.
        params: Of its direction booster.
        feature_names: That it reads.
        tuned_before_ms: Rows that open before this instant may have been tuned on.
        age_days: Since it last became champion, by the gate or by a person.
    """

    version: int
    params: BoosterParams
    feature_names: tuple[str, ...]
    tuned_before_ms: int
    age_days: float


@dataclass(frozen=True)
class Comparison:
    """Both on identical rows; arrays have shape ``(n,)``, log-losses are in nats.

    Attributes:
        champion: Who is compared with.
        open_time_ms: Of the rows, milliseconds since the epoch, UTC.
        challenger_losses: Log-loss in each row.
        champion_losses: The champion's; below `LEAST_ROWS` rows it was not walked, and these are the challenger's.
        test: Diebold-Mariano: below 0 when the challenger's loss is lower.
    """

    champion: Champion
    open_time_ms: NDArray[np.int64]
    challenger_losses: NDArray[np.float64]
    champion_losses: NDArray[np.float64]
    test: DieboldMariano

    def metrics(self) -> dict[str, float]:
        """Return the figures by flat names, ``champion.…``."""
        figures = {
            "champion.version": float(self.champion.version),
            "champion.age_days": self.champion.age_days,
            "champion.rows": float(len(self.open_time_ms)),
        }
        if len(self.open_time_ms) < LEAST_ROWS:
            return figures
        return figures | {
            "champion.log_loss": float(self.champion_losses.mean()),
            "champion.challenger_log_loss": float(self.challenger_losses.mean()),
            "champion.dm_statistic": self.test.statistic,
            "champion.dm_p_value": self.test.p_value,
        }


def compare(
    champion: Champion, walked: WalkedRows, training_set: TrainingSet, *, plan: TrainingPlan
) -> Comparison | None:
    """Walk the champion's parameters through the block that the challenger was walked through.

    What is compared is what would be served from now on: the next refit of the one or of the other.

    Args:
        champion: The version that is served.
        walked: The challenger's forecasts of the block.
        training_set: All rows.
        plan: The challenger's.

    Returns:
        ``None`` when the champion reads other features than this code computes: it cannot be walked then. Only rows
        that the champion was surely not tuned on are compared; fewer than `LEAST_ROWS` prove nothing either way.
    """
    if champion.feature_names != training_set.feature_names:
        return None
    new = slice(int(np.searchsorted(walked.scored.open_time_ms, champion.tuned_before_ms)), None)
    rows = walked.scored[new]
    up = rows.target > 0
    mine = log_losses(up, rows.probability_up)
    if len(rows) < LEAST_ROWS:
        return Comparison(champion, rows.open_time_ms, mine, mine, DieboldMariano(statistic=0.0, p_value=0.5))
    theirs, _ = walk_model(training_set, champion.params, plan=plan)
    others = log_losses(up, theirs.scored[new].probability_up)
    test = diebold_mariano(mine, others, horizon_bars=training_set.horizon_bars)
    return Comparison(champion, rows.open_time_ms, mine, others, test)
