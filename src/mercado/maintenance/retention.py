"""What is kept for how long, step by step: each safe beside running work, and safe to repeat."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from mercado.maintenance.logs import clean_logs
from mercado.maintenance.removed import Removed
from mercado.maintenance.settings import BackupSettings, RetentionSettings
from mercado.settings import AirflowSettings, DataSettings, OptunaSettings, TrackingSettings

if TYPE_CHECKING:
    import psycopg


class Step(StrEnum):
    """What piles up, in the order in which `platform_maintenance` looks at it."""

    BACKUPS = "backups"
    LOGS = "logs"
    METADATA = "metadata"
    RAW_ANSWERS = "raw-answers"
    QUARANTINE = "quarantine"
    PREDICTIONS = "predictions"
    MODEL_VERSIONS = "model-versions"


@dataclass(frozen=True)
class Cleaner:
    """The steps, with what they need.

    Attributes:
        warehouse: Opens a connection to the warehouse when a step needs one.
        now: The present, in UTC.
        dry_run: Only count.
    """

    warehouse: Callable[[], "AbstractContextManager[psycopg.Connection]"]
    now: datetime
    dry_run: bool = False

    def clean(self, step: Step) -> Removed | None:
        """Do one step by the settings and return what it removed; ``None`` when all of it is kept for ever.

        Raises:
            ConfigurationError: A setting cannot be used, or a file may not be removed.
            ServiceUnavailableError, ServiceRefusedError: A service does not answer, or refuses.
            LoadInProgressError: Another process has been moving workbooks for a minute.
        """
        kept = RetentionSettings.read()
        run, limit = {
            Step.BACKUPS: (self._backups, 1),
            Step.LOGS: (self._logs, kept.log_days),
            Step.METADATA: (self._metadata, kept.metadata_days),
            Step.RAW_ANSWERS: (self._raw_answers, kept.raw_days),
            Step.QUARANTINE: (self._quarantine, kept.quarantine_days),
            Step.PREDICTIONS: (self._predictions, kept.prediction_days),
            Step.MODEL_VERSIONS: (self._model_versions, kept.model_versions),
        }[step]
        return run(limit) if limit else None

    def _before(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def _backups(self, _: int) -> Removed:
        from mercado.maintenance.backups import delete_old_backups, list_backups

        settings = BackupSettings.read()
        if self.dry_run:
            return Removed("backups", max(0, len(list_backups(settings.folder)) - settings.keep))
        return Removed("backups", len(delete_old_backups(settings.folder, keep=settings.keep)))

    def _logs(self, days: int) -> Removed:
        return clean_logs(AirflowSettings.read().log_folder, before=self._before(days), dry_run=self.dry_run)

    def _metadata(self, days: int) -> Removed:
        from mercado.maintenance.airflow_metadata import clean_airflow_metadata

        url = AirflowSettings.read().resolved_url()
        return clean_airflow_metadata(url, before=self._before(days), dry_run=self.dry_run)

    def _raw_answers(self, days: int) -> Removed:
        from mercado.maintenance.old_raw_answers import clean_raw_answers

        folder, before = DataSettings.read().raw, self._before(days)
        with self.warehouse() as connection:
            return clean_raw_answers(connection, folder, before=before, now=self.now, dry_run=self.dry_run)

    def _quarantine(self, days: int) -> Removed:
        from mercado.maintenance.quarantine import clean_quarantine

        data, before = DataSettings.read().folder, self._before(days)
        with self.warehouse() as connection:
            return clean_quarantine(connection, data, before=before, now=self.now, dry_run=self.dry_run)

    def _predictions(self, days: int) -> Removed:
        from mercado.maintenance.old_predictions import clean_predictions

        with self.warehouse() as connection:
            return clean_predictions(connection, before=self._before(days), dry_run=self.dry_run)

    def _model_versions(self, keep: int) -> Removed:
        # Imported late: MLflow and Optuna take seconds.
        from mercado.maintenance.model_versions import clean_model_versions

        uri, studies = TrackingSettings.read().resolved_uri(), OptunaSettings.read().resolved_url()
        return clean_model_versions(uri, keep=keep, optuna_url=studies, dry_run=self.dry_run)
