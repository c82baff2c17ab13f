"""Settings of backup, restore and retention: read by the DAG ``platform_maintenance`` and by the command line."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from mercado.settings import EnvSettings

# Longer than any run lasts (tests/dags compares), so that no log of a running task is that old.
LEAST_LOG_DAYS = 7
# Monitoring judges windows of up to 366 days, which end with the newest candle.
LEAST_PREDICTION_DAYS = 400
Days = Annotated[int, Field(ge=0, le=36_500)]


class _BackupPlaces(EnvSettings):
    """Where databases and artifacts are that are backed up, or restored."""

    artifacts: Path = Field(alias="MLFLOW_ARTIFACTS_DESTINATION")
    host: str = Field(default="127.0.0.1", alias="POSTGRES_HOST", min_length=1)
    port: int = Field(default=5432, alias="POSTGRES_PORT", gt=0, lt=65536)
    airflow: str = Field(default="airflow_db", alias="POSTGRES_DB_AIRFLOW")
    mlflow: str = Field(default="mlflow_db", alias="POSTGRES_DB_MLFLOW")
    optuna: str = Field(default="optuna_db", alias="POSTGRES_DB_OPTUNA")
    warehouse: str = Field(default="warehouse_db", alias="POSTGRES_DB_WAREHOUSE")

    @property
    def databases(self) -> dict[str, str]:
        """Return the name of each database by its role."""
        return {role: getattr(self, role) for role in ("airflow", "warehouse", "mlflow", "optuna")}


class BackupSettings(_BackupPlaces):
    """What a backup is made of and where it goes, as the environment of a container and of Airflow's tasks says it."""

    stated_folder: Path | None = Field(default=None, alias="MERCADO_BACKUP_DIR")
    keep: int = Field(default=8, alias="MERCADO_BACKUP_KEEP", ge=1)
    password: SecretStr = Field(alias="BACKUP_READER_PASSWORD", min_length=1)
    fernet_key: SecretStr = Field(alias="AIRFLOW__CORE__FERNET_KEY", min_length=1)
    data: Path = Field(default=Path("data"), alias="MERCADO_DATA_DIR")

    @property
    def folder(self) -> Path:
        """Return the folder of the backups."""
        return self.stated_folder or self.data / "backups"


class RestoreSettings(_BackupPlaces):
    """Where a backup is restored to, as the environment of the container that does it says."""

    superuser: str = Field(alias="POSTGRES_USER", min_length=1)
    superuser_password: SecretStr = Field(alias="POSTGRES_PASSWORD", min_length=1)
    warehouse_password: SecretStr = Field(alias="WAREHOUSE_DB_PASSWORD", min_length=1)


def _kept_for(least_days: int) -> AfterValidator:
    def check(days: int) -> int:
        if 0 < days < least_days:
            raise ValueError(f"expected 0 (keep for ever) or at least {least_days} days")
        return days

    return AfterValidator(check)


class RetentionSettings(EnvSettings):
    """How long what piles up is kept; 0 keeps it for ever. `mercado.maintenance.retention` says what each step does."""

    log_days: Annotated[Days, _kept_for(LEAST_LOG_DAYS)] = Field(default=30, alias="MERCADO_RETENTION_LOG_DAYS")
    metadata_days: Annotated[Days, _kept_for(LEAST_LOG_DAYS)] = Field(
        default=90, alias="MERCADO_RETENTION_METADATA_DAYS"
    )
    raw_days: Days = Field(default=180, alias="MERCADO_RETENTION_RAW_DAYS")
    quarantine_days: Days = Field(default=180, alias="MERCADO_RETENTION_QUARANTINE_DAYS")
    prediction_days: Annotated[Days, _kept_for(LEAST_PREDICTION_DAYS)] = Field(
        default=730, alias="MERCADO_RETENTION_PREDICTION_DAYS"
    )
    model_versions: int = Field(default=20, alias="MERCADO_RETENTION_MODEL_VERSIONS", ge=0, le=10_000)
