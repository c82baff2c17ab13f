"""Settings from the environment or from ``.env``: one frozen class per concern, read when asked for.

``.env.example`` states the meaning and unit of each variable. The file is looked for in the working folder;
``MERCADO_ENV_FILE`` names another one. The environment has precedence over the file.
"""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

import psycopg
from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from mercado.environment import AUTH, mlflow_login
from mercado.errors import ConfigurationError
from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL, Series

# NumPy takes seeds of 32 bits, and each worker of a study has its own, counted up from the training's.
MOST_SEED = 2**31 - 1


class EnvSettings(BaseSettings):
    """Base of all settings: frozen, unknown variables left to others, errors that name the variable."""

    # A refused value may be a secret, and pydantic's own message would show it in a traceback.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    @classmethod
    def read(cls) -> Self:
        """Return the settings as the environment and the file state them now.

        Raises:
            ConfigurationError: A variable is missing or has a value that cannot be used; names it.
        """
        try:
            return cls(_env_file=os.environ.get("MERCADO_ENV_FILE", ".env"))
        except ValidationError as error:
            raise ConfigurationError(f"Settings cannot be used: {named_faults(error)}. See .env.example.") from error


def named_faults(error: ValidationError) -> str:
    """Return in one line each variable that cannot be used, and why; never its value, which may be a secret."""
    return "; ".join(f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors())


def _require_postgres_url(url: SecretStr) -> SecretStr:
    try:
        port = psycopg.conninfo.conninfo_to_dict(url.get_secret_value()).get("port")
    except psycopg.ProgrammingError:
        port = "none, for it cannot be read"
    # libpq's own message would repeat the password, or, of one with a slash in it, what it takes for the port.
    if port is not None and not str(port).isdecimal():
        raise ValueError(
            "expected postgresql://user:password@host:port/database, with special characters of the password as %XX"
        )
    return url


PostgresUrl = Annotated[SecretStr, AfterValidator(_require_postgres_url)]
AuthSwitch = Literal["on", "off"]


def postgres_url(*, user: str, password: SecretStr, port: int, database: str, host: str = "127.0.0.1") -> SecretStr:
    """Return a ``postgresql://`` URL with the password percent-encoded."""
    return SecretStr(f"postgresql://{user}:{quote(password.get_secret_value(), safe='')}@{host}:{port}/{database}")


class _DatabaseSettings(EnvSettings):
    port: int = Field(default=5432, alias="POSTGRES_PORT", gt=0, lt=65536)

    def _url(
        self, url: SecretStr | None, *, user: str, password: SecretStr | None, database: str, name: str
    ) -> SecretStr:
        if url is not None:
            return url
        if password is None:
            raise ConfigurationError(
                f"No database: neither MERCADO_{name}_URL nor {name}_DB_PASSWORD is set. Run `make env`, or set the "
                f"URL (postgresql://user:password@host:port/database)."
            )
        return postgres_url(user=user, password=password, port=self.port, database=database)


class WarehouseSettings(_DatabaseSettings):
    """Where the warehouse is: ``MERCADO_WAREHOUSE_URL``, else the platform's own server."""

    url: PostgresUrl | None = Field(default=None, alias="MERCADO_WAREHOUSE_URL")
    password: SecretStr | None = Field(default=None, alias="WAREHOUSE_DB_PASSWORD")
    database: str = Field(default="warehouse_db", alias="POSTGRES_DB_WAREHOUSE")

    def resolved_url(self) -> SecretStr:
        """Return the warehouse's ``postgresql://`` URL."""
        return self._url(self.url, user="warehouse", password=self.password, database=self.database, name="WAREHOUSE")


class OptunaSettings(_DatabaseSettings):
    """Where Optuna keeps its studies: ``MERCADO_OPTUNA_URL``, else the platform's own server."""

    url: PostgresUrl | None = Field(default=None, alias="MERCADO_OPTUNA_URL")
    password: SecretStr | None = Field(default=None, alias="OPTUNA_DB_PASSWORD")
    database: str = Field(default="optuna_db", alias="POSTGRES_DB_OPTUNA")

    def resolved_url(self) -> SecretStr:
        """Return the study database's ``postgresql://`` URL."""
        return self._url(self.url, user="optuna", password=self.password, database=self.database, name="OPTUNA")


class AirflowSettings(_DatabaseSettings):
    """Airflow's metadata database and logs, as the maintenance sees them: Airflow keeps its own from its tasks."""

    url: PostgresUrl | None = Field(default=None, alias="MERCADO_AIRFLOW_URL")
    password: SecretStr | None = Field(default=None, alias="AIRFLOW_DB_PASSWORD")
    database: str = Field(default="airflow_db", alias="POSTGRES_DB_AIRFLOW")
    log_folder: Path = Field(default=Path(".local/airflow/logs"), alias="MERCADO_AIRFLOW_LOG_DIR")

    def resolved_url(self) -> SecretStr:
        """Return the metadata database's ``postgresql://`` URL."""
        return self._url(self.url, user="airflow", password=self.password, database=self.database, name="AIRFLOW")


class BinanceSettings(EnvSettings):
    """How Binance is reached."""

    base_url: str = Field(default="https://api.binance.com", alias="BINANCE_BASE_URL")
    # An empty value means "REST only", so it must not be ignored.
    archive_url: str = Field(default="https://data.binance.vision", alias="BINANCE_ARCHIVE_URL")
    history_start: date | None = Field(default=None, alias="BINANCE_HISTORY_START")
    attempts: int = Field(default=6, alias="BINANCE_ATTEMPTS", ge=1, le=20)
    longest_wait_seconds: float = Field(default=120, alias="BINANCE_LONGEST_WAIT_SECONDS", ge=0)

    model_config = SettingsConfigDict(env_ignore_empty=False)

    @field_validator("base_url", "archive_url")
    @classmethod
    def _is_an_address(cls, stated: str, info: ValidationInfo) -> str:
        parts = urlsplit(stated)
        if (parts.scheme in ("http", "https") and parts.hostname) or (info.field_name == "archive_url" and not stated):
            return stated
        raise ValueError("expected an address such as https://api.binance.com")

    @field_validator("history_start", mode="before")
    @classmethod
    def _none_when_empty(cls, stated: object) -> object:
        return stated or None

    @property
    def history_start_ms(self) -> int | None:
        """Return the start of the day ``history_start`` in UTC, in ms since the epoch."""
        if self.history_start is None:
            return None
        return round(datetime.combine(self.history_start, time.min, UTC).timestamp() * 1000)


class SeriesSettings(EnvSettings):
    """Which series of candles are downloaded, trained on, watched and served."""

    stated: str = Field(default=f"{MAIN_SYMBOL}-{MAIN_INTERVAL}", alias="MERCADO_SERIES")

    @field_validator("stated")
    @classmethod
    def _names_series(cls, stated: str) -> str:
        named = _series(stated)
        if not named or len(set(named)) < len(named):
            raise ValueError("expected series separated by commas, each once, such as BTCUSDT-1h,ETHUSDT-4h")
        return stated

    @classmethod
    def of(cls, stated: str) -> Self:
        """Return the settings of a list that was read elsewhere.

        Raises:
            ConfigurationError: It cannot be used; says why.
        """
        try:
            return cls.model_validate({"MERCADO_SERIES": stated})
        except ValidationError as error:
            raise ConfigurationError(f"Settings cannot be used: {named_faults(error)}. See .env.example.") from error

    @property
    def series(self) -> tuple[Series, ...]:
        """Return all of them, in the order in which they are stated."""
        return _series(self.stated)

    @property
    def trained(self) -> tuple[Series, ...]:
        """Return those that have a forecaster."""
        return tuple(each for each in self.series if each.is_trained)


def _series(stated: str) -> tuple[Series, ...]:
    return tuple(Series.of(part) for part in stated.split(",") if part.strip())


class SipsaSettings(EnvSettings):
    """How DANE's SIPSA web service is reached."""

    wsdl_url: str = Field(
        default="https://appweb.dane.gov.co/sipsaWS/SrvSipsaUpraBeanService?WSDL", alias="SIPSA_WSDL_URL", min_length=1
    )


class DataSettings(EnvSettings):
    """Where files are kept."""

    folder: Path = Field(default=Path("data"), alias="MERCADO_DATA_DIR")

    @property
    def bitcoin(self) -> Path:
        """Return the folder of the exported candles."""
        return self.folder / "bitcoin"

    @property
    def raw(self) -> Path:
        """Return the folder of all sources' raw answers."""
        return self.folder / "raw"

    @property
    def sipsa_raw(self) -> Path:
        """Return the folder of SIPSA's raw answers."""
        return self.folder / "raw" / "sipsa"

    @property
    def landing_zone(self) -> Path:
        """Return the folder that workbooks are dropped into."""
        return self.folder / "landing_zone"

    @property
    def archive(self) -> Path:
        """Return the folder of loaded workbooks."""
        return self.folder / "archive"

    @property
    def quarantine(self) -> Path:
        """Return the folder of refused workbooks and their reports."""
        return self.folder / "quarantine"


class LandingSettings(EnvSettings):
    """How dirty a dropped workbook may be."""

    greatest_rejected_share: float = Field(default=0.05, alias="MERCADO_LANDING_REJECTED_SHARE", ge=0, le=1)


class TrackingSettings(EnvSettings):
    """Where MLflow is: ``MLFLOW_TRACKING_URI``, else the platform's own server."""

    uri: str | None = Field(default=None, alias="MLFLOW_TRACKING_URI")
    port: int = Field(default=5000, alias="MLFLOW_PORT", gt=0, lt=65536)
    browser_url: str | None = Field(default=None, alias="MERCADO_MLFLOW_BROWSER_URL")
    auth: AuthSwitch | None = Field(default=None, alias=AUTH)
    password: SecretStr | None = Field(default=None, alias="MLFLOW_ADMIN_PASSWORD")

    def ui_url(self) -> str:
        """Return MLflow's address for a person's browser, which in a container is another than the container's own."""
        return (self.browser_url or self.resolved_uri()).rstrip("/")

    def resolved_uri(self) -> str:
        """Return the tracking server's address; MLflow's client of this process logs in to the platform's own one.

        Whoever states another address states who logs in there as well: this platform's password goes to its own only.
        """
        if self.uri is None and self.auth == "on" and self.password is not None:
            log_in_to_mlflow(self.password.get_secret_value())
        return self.uri or f"http://127.0.0.1:{self.port}"


class BrowserSettings(EnvSettings):
    """The pages of the platform as a person's browser reaches them, for links; MLflow's is in `TrackingSettings`."""

    stated_api_url: str | None = Field(default=None, alias="MERCADO_API_BROWSER_URL")
    stated_airflow_url: str | None = Field(default=None, alias="MERCADO_AIRFLOW_BROWSER_URL")
    api_port: int = Field(default=8000, alias="API_PORT", gt=0, lt=65536)
    airflow_port: int = Field(default=8080, alias="AIRFLOW_PORT", gt=0, lt=65536)

    @property
    def api_url(self) -> str:
        """Return the address of the API and of its page, without a slash at the end."""
        return (self.stated_api_url or f"http://localhost:{self.api_port}").rstrip("/")

    @property
    def airflow_url(self) -> str:
        """Return the address of Airflow's UI, without a slash at the end."""
        return (self.stated_airflow_url or f"http://localhost:{self.airflow_port}").rstrip("/")


def log_in_to_mlflow(password: str) -> None:
    """Let MLflow's client log in as the administrator, unless it logs in as somebody else.

    It takes user and password from its process's environment and from nowhere else.
    """
    if not os.environ.get("MLFLOW_TRACKING_USERNAME"):
        os.environ |= mlflow_login(password)


class GateSettings(EnvSettings):
    """Thresholds of the gate in front of the champion; `mercado.bitcoin.gate.GateRules` says what each means."""

    greatest_dm_p_value: float = Field(default=0.05, alias="MERCADO_GATE_P_VALUE", gt=0, lt=0.5)
    champion_fresh_days: float = Field(default=7.0, alias="MERCADO_GATE_CHAMPION_FRESH_DAYS", ge=0)
    least_coverage: float = Field(default=0.87, alias="MERCADO_GATE_LEAST_COVERAGE", ge=0, le=1)
    greatest_coverage: float = Field(default=0.93, alias="MERCADO_GATE_GREATEST_COVERAGE", ge=0, le=1)
    greatest_hit_rate: float = Field(default=0.60, alias="MERCADO_GATE_GREATEST_HIT_RATE", ge=0.5, le=1)
    greatest_r2: float = Field(default=0.02, alias="MERCADO_GATE_GREATEST_R2", gt=0, le=1)


class TrainingSettings(EnvSettings):
    """How much work a training does; a DAG's Params and the command line's options override it."""

    trials: int = Field(default=40, alias="MERCADO_TRAINING_TRIALS", ge=1)
    refits: int = Field(default=12, alias="MERCADO_TRAINING_REFITS", ge=1)
    holdout_bars: int = Field(default=4320, alias="MERCADO_TRAINING_HOLDOUT_BARS", ge=500)
    horizon_bars: int = Field(default=1, alias="MERCADO_TRAINING_HORIZON_BARS", ge=1, le=168)
    threads: int = Field(default=1, alias="MERCADO_TRAINING_THREADS", ge=1)
    workers: int = Field(default=1, alias="MERCADO_TRAINING_WORKERS", ge=1, le=16)
    seed: int = Field(default=7, alias="MERCADO_TRAINING_SEED", ge=0, le=MOST_SEED)

    def with_choices(self, choices: Mapping[str, int]) -> Self:
        """Return the settings with ``choices``, by the fields' names, in place of theirs and within their bounds.

        Raises:
            ConfigurationError: A choice is out of bounds; names it, its value and the bound.
        """
        names = {field.alias: name for name, field in type(self).model_fields.items()}
        chosen = self.model_dump() | dict(choices)
        try:
            return self.model_validate({alias: chosen[name] for alias, name in names.items()})
        except ValidationError as error:
            faults = (f"{names[str(fault['loc'][0])]} {fault['input']} ({fault['msg']})" for fault in error.errors())
            raise ConfigurationError(f"No training can be planned with {', '.join(faults)}.") from error


class MonitoringSettings(EnvSettings):
    """When a served model counts as drifted or decayed; `mercado.bitcoin.monitoring.rules` says what each means."""

    drift_share: float = Field(default=0.25, alias="MERCADO_MONITORING_DRIFT_SHARE", gt=0, le=1)
    far_factor: float = Field(default=2.0, alias="MERCADO_MONITORING_FAR_FACTOR", ge=1)
    least_rows: int = Field(default=100, alias="MERCADO_MONITORING_LEAST_ROWS", ge=20)
    least_coverage: float = Field(default=0.85, alias="MERCADO_MONITORING_LEAST_COVERAGE", ge=0, le=1)
    greatest_coverage: float = Field(default=0.95, alias="MERCADO_MONITORING_GREATEST_COVERAGE", ge=0, le=1)
    least_hit_rate: float = Field(default=0.5, alias="MERCADO_MONITORING_LEAST_HIT_RATE", ge=0, le=1)
    greatest_shortfall: float = Field(default=4.0, alias="MERCADO_MONITORING_GREATEST_SHORTFALL", gt=0)
    alarm_level: float = Field(default=0.001, alias="MERCADO_MONITORING_ALARM_LEVEL", gt=0, lt=0.5)
    cool_down_days: float = Field(default=7.0, alias="MERCADO_MONITORING_COOL_DOWN_DAYS", ge=0)
