"""Follows the alias ``champion``: loads each new champion aside, proves it, then swaps it in with one assignment.

The proof is that its golden vectors come out again on this machine.
What is served stays served while MLflow is down, while a new champion cannot be loaded, and when the alias is taken
away; the state says so.
"""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from fastapi_app.model_source import ModelSource
from fastapi_app.served_model import FollowerState, PendingFailure, ServedModel
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.golden import check_golden
from mercado.errors import MercadoError, ServiceUnavailableError
from mercado.registry import CHAMPION, ModelVersion

logger = logging.getLogger(__name__)
# A version that could not be loaded is tried again after this time, for the cause may have been this machine's.
RETRY_AFTER: Final = timedelta(seconds=60)


class ModelFollower:
    """Keeps `state` at the present champion. `poll` is called by one thread; `state` is read by any.

    Args:
        source: Names the champion and hands over its files.
        now: The present instant, aware, UTC.

    Attributes:
        state: What is served.
        before_swap: Called with each new model before it is swapped in; if it fails, the model is not.
        swap_count: Models swapped in.
        failure_count: Champions that could not be loaded or proved.
    """

    def __init__(self, source: ModelSource, *, now: Callable[[], datetime]) -> None:
        self._source = source
        self._now = now
        self.before_swap: Callable[[ServedModel], None] = lambda _: None
        self.swap_count = 0
        self.failure_count = 0
        self.state = FollowerState(
            notice=f"The alias {CHAMPION} of {source.name} is being looked up for the first time."
        )

    def poll(self) -> None:
        """Look the alias up once, and load its version unless it is served already or has just failed."""
        try:
            champion = self._source.champion()
            if champion is None:
                self.state = replace(self.state, pending_failure=None, notice=self._why_none())
            else:
                self._follow(champion)
        except MercadoError as error:
            self.state = replace(self.state, notice=str(error))

    def _why_none(self) -> str:
        served = self.state.served
        if served is None:
            return self._source.why_no_champion()
        return f"The alias {CHAMPION} was taken away; version {served.version.version} stays served."

    def _follow(self, champion: ModelVersion) -> None:
        served = self.state.served
        if served is not None and _same(served.version, champion):
            self.state = FollowerState(replace(served, version=champion))
        elif self._failed_just_now(champion):
            self.state = replace(self.state, notice=None)
        else:
            self._load(champion)

    def _failed_just_now(self, champion: ModelVersion) -> bool:
        failed = self.state.pending_failure
        return failed is not None and _same(failed.version, champion) and self._now() < failed.failed_at + RETRY_AFTER

    def _load(self, champion: ModelVersion) -> None:
        try:
            served = ServedModel(champion, self._fetch(champion), self._now())
            self.before_swap(served)
        except ServiceUnavailableError:
            raise  # MLflow's fault, not the version's: the next poll tries again
        except Exception as error:  # broken files raise anything, and the old model must stay served
            logger.warning("%s version %s cannot be loaded", champion.name, champion.version, exc_info=True)
            failure = PendingFailure(champion, _reason(error), self._now())
            self.failure_count += 1
            self.state = FollowerState(self.state.served, failure)
        else:
            self.swap_count += 1
            self.state = FollowerState(served)
            logger.info("Serving %s version %s", champion.name, champion.version)

    def _fetch(self, champion: ModelVersion) -> Forecaster:
        with tempfile.TemporaryDirectory(prefix="mercado-model-") as folder:
            files = self._source.download(champion, Path(folder))
            forecaster = Forecaster.load(files)
            check_golden(files, forecaster)
        return forecaster


def _same(one: ModelVersion, other: ModelVersion) -> bool:
    """Tell versions apart by their run too: a registry that was set up afresh counts from 1 again."""
    return (one.name, one.version, one.run_id) == (other.name, other.version, other.run_id)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, MercadoError) else f"{type(error).__name__}: {error}"
