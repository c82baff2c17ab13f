"""What is served at one instant: immutable, so a request that takes the state once uses exactly one version."""

from dataclasses import dataclass
from datetime import datetime

from mercado.bitcoin.forecaster import Forecaster
from mercado.errors import ModelNotReadyError
from mercado.registry import CHAMPION, ModelVersion
from mercado.series import Series


@dataclass(frozen=True)
class ServedModel:
    """A version and the forecaster loaded from it.

    Attributes:
        version: As the registry describes it.
        forecaster: Loaded from it; safe to use from several threads.
        loaded_at: When it was swapped in, UTC.
    """

    version: ModelVersion
    forecaster: Forecaster
    loaded_at: datetime
    alias: str = CHAMPION

    @property
    def series(self) -> Series:
        """Return what it forecasts."""
        return Series(self.forecaster.symbol, self.forecaster.interval)


@dataclass(frozen=True)
class PendingFailure:
    """A champion that could not be loaded.

    Attributes:
        version: The one at fault.
        reason: One line.
        failed_at: UTC.
    """

    version: ModelVersion
    reason: str
    failed_at: datetime


@dataclass(frozen=True)
class FollowerState:
    """What is served and what stands in the way, at one instant.

    Attributes:
        served: The model that answers requests, or ``None`` while none was loaded.
        pending_failure: The present champion when it cannot be loaded.
        notice: What else is wrong, such as MLflow being down or the alias being gone.
    """

    served: ServedModel | None = None
    pending_failure: PendingFailure | None = None
    notice: str | None = None

    @property
    def trouble(self) -> str | None:
        """Return one line that says what is wrong, or ``None`` when the present champion is served."""
        if self.pending_failure is None:
            return self.notice
        failed = self.pending_failure
        return f"{failed.version.name} version {failed.version.version} cannot be loaded: {failed.reason}"

    def require_served(self) -> ServedModel:
        """Return the served model.

        Raises:
            ModelNotReadyError: None is loaded; says why.
        """
        if self.served is None:
            raise ModelNotReadyError(self.trouble or "No model is loaded.")
        return self.served
