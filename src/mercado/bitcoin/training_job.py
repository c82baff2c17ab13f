"""What the steps of a training tell each other: JSON types only, so that each may run in a process of its own."""

from dataclasses import dataclass, fields
from typing import Any, Self

from mercado.bitcoin.plan import TrainingPlan

EXPERIMENT = "bitcoin-forecaster"


@dataclass(frozen=True)
class TrainingJob:
    """What identifies one training.

    Attributes:
        run_id: The MLflow run.
        experiment_id: Its experiment.
        symbol: Such as ``BTCUSDT``.
        interval: Binance's spelling.
        start_ms: Candles that open at or after this instant are used.
        end_ms: Candles that open before this instant are used.
        digest: sha256 of the training set.
        plan: Fields of `TrainingPlan`.
        study: Name of the Optuna study.
        trials_wanted: How many judged trials the study should have in the end; a continued one had some before.
    """

    run_id: str
    experiment_id: str
    symbol: str
    interval: str
    start_ms: int
    end_ms: int
    digest: str
    plan: dict[str, int]
    study: str
    trials_wanted: int

    @property
    def training_plan(self) -> TrainingPlan:
        """Return the plan."""
        return TrainingPlan(**self.plan)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the job that ``asdict`` made ``values`` from."""
        return cls(**values)


@dataclass(frozen=True)
class Registered:
    """A registered candidate and the gate's verdict on it.

    Attributes:
        version: Its number.
        promote: Whether the gate lets it be served.
        reason: The rules it does not meet, or that it meets all.
        report: Where a person finds the report: a path among the run's artifacts.
        judged_against: Version that was champion then, or ``None``; another one since makes the verdict void.
    """

    version: int
    promote: bool
    reason: str
    report: str
    judged_against: int | None

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return what ``asdict`` made ``values`` from; what else is there is left aside."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})
