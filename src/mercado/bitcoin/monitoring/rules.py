"""When a model counts as drifted or decayed, and when that starts a training."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class MonitoringRules:
    """Thresholds; every one can be set (``MERCADO_MONITORING_…``).

    Attributes:
        drift_share: The input has drifted when so large a share of the features is beyond its limits in one window: a
            single one that wanders off, or one family of near twins, is no other market.
        far_factor: Or when a single feature's PSI is so many times its limit.
        least_rows: Forecasts that came true or not, without overlap, below which nothing is said of them.
        least_coverage: The forecasts have decayed when the whole interval of the coverage lies below this,
        greatest_coverage: or above this;
        least_hit_rate: or when that of the hit rate lies below this: a coin is better;
        greatest_shortfall: or when hits fall short of what P(up) promised by so many standard errors.
        alarm_level: Of the intervals in these rules. Several windows are looked at every day, so the 5 % of the
            intervals that are shown would raise an alarm by chance every few months.
        cool_down_days: No training is started within so many days of another.
    """

    drift_share: float = 0.25
    far_factor: float = 2.0
    least_rows: int = 100
    least_coverage: float = 0.85
    greatest_coverage: float = 0.95
    least_hit_rate: float = 0.5
    greatest_shortfall: float = 4.0
    alarm_level: float = 0.001
    cool_down_days: float = 7.0


class State(StrEnum):
    """What a look at a model finds."""

    HEALTHY = "healthy"
    DRIFT = "drift"
    DECAY = "decay"
    UNKNOWN = "unknown"


class Retraining(StrEnum):
    """What follows from it."""

    NOT_NEEDED = "not_needed"
    STARTED = "started"
    COOLING_DOWN = "cooling_down"
    NO_MODEL = "no_model"


@dataclass(frozen=True)
class Verdict:
    """What was found of a model.

    Attributes:
        state: Decay before drift, and unknown only where nothing is wrong as far as is known.
        alarms: What is wrong, a sentence each.
        unknowns: What is not known, a sentence each.
    """

    state: State
    alarms: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return what the verdict rests on."""
        return self.alarms + self.unknowns or ("Nothing is beyond its limit.",)


@dataclass(frozen=True)
class Decision:
    """Whether a training is started.

    Attributes:
        retraining: What is done.
        reason: Why, for a person.
    """

    retraining: Retraining
    reason: str


def verdict_of(*, drift: list[str], decay: list[str], unknowns: list[str]) -> Verdict:
    """Return the verdict on what is wrong with the input, what with the forecasts, and what is not known."""
    state = State.DECAY if decay else State.DRIFT if drift else State.UNKNOWN if unknowns else State.HEALTHY
    return Verdict(state, tuple(decay + drift), tuple(unknowns))


def decide(verdict: Verdict, latest_start: datetime | None, rules: MonitoringRules, *, now: datetime) -> Decision:
    """Return whether a training is to be started.

    Args:
        verdict: Of the look.
        latest_start: When a training of the series was last started or asked for, or ``None``; aware.
        rules: With the cool-down.
        now: Aware.
    """
    if not verdict.alarms:
        return Decision(Retraining.NOT_NEEDED, "Nothing is wrong as far as is known, so no training is started.")
    if latest_start and now - latest_start < timedelta(days=rules.cool_down_days):
        return Decision(
            Retraining.COOLING_DOWN,
            f"A training began at {latest_start:%Y-%m-%d %H:%M} UTC, less than {rules.cool_down_days:g} days ago: "
            f"another one would learn from nearly the same candles.",
        )
    return Decision(Retraining.STARTED, "A training is started, so that the gate can judge a successor.")
