"""Studies by name: what each was made on, so that only one of the same rows is gone on with."""

from dataclasses import asdict, dataclass, fields

import optuna
from pydantic import SecretStr

from mercado.bitcoin.tuning import create_study, open_study
from mercado.errors import ConfigurationError

_FACTS = "facts"


@dataclass(frozen=True)
class StudyFacts:
    """What trials of a study are comparable on.

    Attributes:
        symbol: Such as ``BTCUSDT``.
        interval: Binance's spelling.
        start_ms: Candles that open at or after this instant; older ones that are filled in later change nothing.
        end_ms: Candles that open before this instant.
        digest: sha256 of the training set.
        holdout_bars: Rows at the end that no trial sees.
        tuning_folds: Folds of the rows before.
    """

    symbol: str
    interval: str
    start_ms: int
    end_ms: int
    digest: str
    holdout_bars: int
    tuning_folds: int

    def __str__(self) -> str:
        return (
            f"{self.symbol} {self.interval} from {self.start_ms} to {self.end_ms} ms (sha256 {self.digest[:12]}), "
            f"the last {self.holdout_bars} rows left out, {self.tuning_folds} folds"
        )


def begin_study(url: SecretStr, name: str, facts: StudyFacts, *, seed: int) -> optuna.Study:
    """Make a study with the default parameters as its first trial, or find it; call it once, before any worker."""
    study = create_study(url.get_secret_value(), name=name, seed=seed)
    if _FACTS not in study.user_attrs:
        study.set_user_attr(_FACTS, asdict(facts))
    return study


def facts_of(url: SecretStr, name: str) -> StudyFacts:
    """Return what a study was made on.

    Raises:
        ConfigurationError: There is no study of that name, or it is not one of this version of Mercado.
        ServiceUnavailableError: The database does not answer.
    """
    try:
        stated = open_study(url.get_secret_value(), name=name, seed=0).user_attrs.get(_FACTS)
    except KeyError as error:
        raise ConfigurationError(
            f"There is no study {name!r}; a training's run in MLflow names its own as the parameter 'study'."
        ) from error
    if stated is None or set(stated) != {field.name for field in fields(StudyFacts)}:
        raise ConfigurationError(f"Study {name!r} does not say what it was made on: begin a new one.")
    return StudyFacts(**stated)


def trial_loss(trial: optuna.trial.FrozenTrial) -> float | None:
    """Return a trial's log-loss, of a pruned one the last that it reported, or ``None`` when it has none."""
    loss: float | None = trial.value
    if loss is None and trial.last_step is not None:
        loss = trial.intermediate_values[trial.last_step]
    return loss
