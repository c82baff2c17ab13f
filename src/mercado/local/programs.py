"""The programs of a local platform, each with its command line and exactly the environment that it needs.

Secrets travel by environment, never on a command line, where ``ps`` would show them.
"""

import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mercado.environment import MLFLOW_ADMIN, mlflow_login, without_proxy_to_loopback
from mercado.local.platform import REPOSITORY, Platform

# Airflow forks all its workers at the start, about 134 MB each.
AIRFLOW_WORKERS = "4"
# A task that died with its scheduler: how long until it counts as dead, and between looks for what a scheduler left.
HEARTBEAT_TIMEOUT_SECONDS = "120"
ORPHANS_SECONDS = "60"
MLFLOW_SERVER = REPOSITORY / "mlflow_custom" / "serve.py"
AIRFLOW_COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
# The demo differs from production by parameters only.
DEMO_HISTORY = timedelta(days=730)
DEMO_TRAINING = {
    "MERCADO_TRAINING_TRIALS": "8",
    "MERCADO_TRAINING_REFITS": "8",
    "MERCADO_TRAINING_HOLDOUT_BARS": "2160",
    # The planted signal is plainer than any real one: `mercado.bitcoin.gate.GateRules`.
    "MERCADO_GATE_GREATEST_R2": "0.05",
}
API_SETTINGS = (
    "MERCADO_SERIES",
    "MERCADO_API_MODEL",
    "MERCADO_API_MODELS_IN_MEMORY",
    "MERCADO_API_POLL_SECONDS",
    "MERCADO_AUTH",
    "MERCADO_API_KEY",
    "MERCADO_API_REQUESTS_PER_MINUTE",
    "MERCADO_API_TRUSTED_PROXIES",
    "MERCADO_API_CORS_ORIGINS",
    "MERCADO_API_WEBHOOK_SECRET",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
)


@dataclass(frozen=True)
class Program:
    """A process that supervisor keeps running.

    Attributes:
        name: Its name in supervisor and of its log.
        command: Its command line.
        environment: Variables that it gets beside those of supervisor itself.
        user: Account that runs it, or ``None`` for the present one.
        stop_signal: Signal that asks it to end.
        priority: Start order; the reverse is the stop order.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"
    priority: int = 500


def programs(platform: Platform) -> list[Program]:
    """Return every program of ``platform``."""
    simulators = [_simulators(platform)] if platform.simulated else []
    return [_postgres(platform), *simulators, _mlflow(platform), *_airflow(platform), _api(platform)]


def base_environment(platform: Platform) -> dict[str, str]:
    """Return what every program gets: its own settings file is none, its clock is UTC."""
    return {
        "PATH": f"{_bin()}:/usr/local/bin:/usr/bin:/bin",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        "MERCADO_ENV_FILE": "/dev/null",
        # MLflow tells its makers nothing, and draws no bars into logs.
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        **without_proxy_to_loopback(os.environ),
    }


def airflow_environment(platform: Platform) -> dict[str, str]:
    """Return Airflow's configuration, which is the same on each of its components."""
    return base_environment(platform) | _airflow_settings(platform)


def initialise_environment(platform: Platform) -> dict[str, str]:
    """Return what ``mercado_airflow.initialise`` reads: what it makes the connection, variables and the user from."""
    warehouse = {"MERCADO_WAREHOUSE_URL": platform.database_url("warehouse").get_secret_value()}
    names = ("AIRFLOW_ADMIN_USER", "AIRFLOW_ADMIN_PASSWORD")
    administrator = {name: platform.values[name] for name in names}
    return airflow_environment(platform) | warehouse | administrator | _sources(platform)


def _airflow_settings(platform: Platform) -> dict[str, str]:
    values, ports = platform.values, platform.ports
    home = platform.state / "airflow"
    database = platform.database_url("airflow").get_secret_value()
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "airflow" / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": AIRFLOW_WORKERS,
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": HEARTBEAT_TIMEOUT_SECONDS,
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": ORPHANS_SECONDS,
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__FERNET_KEY": values["AIRFLOW__CORE__FERNET_KEY"],
        "AIRFLOW__CORE__TEST_CONNECTION": values["AIRFLOW__CORE__TEST_CONNECTION"],
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{ports.airflow}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.replace("postgresql://", "postgresql+psycopg2://", 1),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(ports.airflow),
        "AIRFLOW__API__BASE_URL": f"http://localhost:{ports.airflow}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": values["AIRFLOW__API__SECRET_KEY"],
        "AIRFLOW__API_AUTH__JWT_SECRET": values["AIRFLOW__API_AUTH__JWT_SECRET"],
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        # XGBoost's idle threads yield; spinning, they take five times as long when another process wants a core.
        "OMP_WAIT_POLICY": "PASSIVE",
    }


def _task_settings(platform: Platform) -> dict[str, str]:
    """Return what tasks read, which run in the scheduler; they reach the warehouse by Airflow's connection."""
    return {
        **_backup_settings(platform),
        **_mlflow_login(platform),
        "MERCADO_OPTUNA_URL": platform.database_url("optuna").get_secret_value(),
        "MERCADO_DATA_DIR": str(platform.data),
        "MERCADO_LANDING_REJECTED_SHARE": platform.values["MERCADO_LANDING_REJECTED_SHARE"],
        "MERCADO_AIRFLOW_URL": platform.database_url("airflow").get_secret_value(),
        "MERCADO_AIRFLOW_LOG_DIR": str(platform.state / "airflow" / "logs"),
        **{name: value for name, value in platform.values.items() if name.startswith("MERCADO_RETENTION_")},
        "MLFLOW_TRACKING_URI": mlflow_url(platform),
        **_browser_urls(platform),
        **_sources(platform),
        **training_settings(platform),
    }


def _sources(platform: Platform) -> dict[str, str]:
    return source_settings(platform, simulators=f"http://127.0.0.1:{platform.ports.simulators}")


def _browser_urls(platform: Platform) -> dict[str, str]:
    """Return where a person's browser finds the pages: as stated, or on this machine."""
    ports = {"API": platform.ports.api, "AIRFLOW": platform.ports.airflow, "MLFLOW": platform.ports.mlflow}
    own = {f"MERCADO_{page}_BROWSER_URL": f"http://localhost:{port}" for page, port in ports.items()}
    return {name: platform.values.get(name) or url for name, url in own.items()}


def _mlflow_login(platform: Platform) -> dict[str, str]:
    return mlflow_login(platform.values["MLFLOW_ADMIN_PASSWORD"]) if platform.authenticates else {}


def _backup_settings(platform: Platform) -> dict[str, str]:
    """Return what a task that makes a backup reads besides Airflow's own Fernet key."""
    databases = {f"POSTGRES_DB_{role.upper()}": name for role, name in platform.database_names.items()}
    return databases | {
        "BACKUP_READER_PASSWORD": platform.values["BACKUP_READER_PASSWORD"],
        "MERCADO_BACKUP_DIR": str(platform.backups),
        "MERCADO_BACKUP_KEEP": platform.values["MERCADO_BACKUP_KEEP"],
        "MLFLOW_ARTIFACTS_DESTINATION": str(platform.artifacts),
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": str(platform.ports.postgres),
    }


def source_settings(platform: Platform, *, simulators: str) -> dict[str, str]:
    """Return which series are wanted, and where the sources are: those of ``.env``, or the simulators.

    Args:
        platform: Decides which.
        simulators: Their address as seen by the tasks.
    """
    values = platform.values
    stated = ("BINANCE_", "SIPSA_", "MERCADO_SERIES")
    settings = {name: value for name, value in values.items() if name.startswith(stated)}
    if platform.simulated:
        settings |= {"BINANCE_BASE_URL": simulators, "BINANCE_ARCHIVE_URL": f"{simulators}/archive"}
        settings |= {"SIPSA_WSDL_URL": f"{simulators}/sipsaWS/SrvSipsaUpraBeanService?WSDL"}
        settings |= {"BINANCE_HISTORY_START": (datetime.now(UTC) - DEMO_HISTORY).date().isoformat()}
    return settings


def training_settings(platform: Platform) -> dict[str, str]:
    """Return how long trainings are, and how models are judged: as ``.env`` says, and shorter in a demo."""
    stated = {
        name: value
        for name, value in platform.values.items()
        if name.startswith(("MERCADO_TRAINING_", "MERCADO_GATE_", "MERCADO_MONITORING_"))
    }
    return stated | (DEMO_TRAINING if platform.simulated else {})


def mlflow_url(platform: Platform) -> str:
    """Return the tracking server's address."""
    return f"http://127.0.0.1:{platform.ports.mlflow}"


def _postgres(platform: Platform) -> Program:
    server = platform.postgres
    # SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is lost.
    return Program("postgres", server.command(), {"TZ": "UTC"}, user=server.owner, stop_signal="INT", priority=1)


def _simulators(platform: Platform) -> Program:
    command = [sys.executable, "-m", "tests.simulators", "--port", str(platform.ports.simulators)]
    profile = ["--profile", platform.values["SIMULATORS_PROFILE"]]
    return Program("simulators", [*command, *profile], base_environment(platform), priority=10)


def _mlflow(platform: Platform) -> Program:
    ports = platform.ports
    artifacts = platform.state / "mlflow" / "artifacts"
    options = ["--host", "127.0.0.1", "--port", str(ports.mlflow), "--workers", "1"]
    database = platform.database_url("mlflow").get_secret_value()
    environment = base_environment(platform) | {
        "MLFLOW_BACKEND_STORE_URI": database.replace("postgresql://", "postgresql+psycopg2://", 1),
        "MLFLOW_ARTIFACTS_DESTINATION": str(artifacts),
        "MLFLOW_SERVER_ALLOWED_HOSTS": "localhost:*,127.0.0.1:*",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        **_mlflow_auth(platform),
    }
    return Program("mlflow", [sys.executable, str(MLFLOW_SERVER), *options], environment, priority=20)


def _mlflow_auth(platform: Platform) -> dict[str, str]:
    if not platform.authenticates:
        return {"MERCADO_AUTH": "off"}
    return {
        "MERCADO_AUTH": "on",
        "MLFLOW_AUTH_CONFIG_PATH": str(platform.state / "mlflow-auth.ini"),
        "MLFLOW_AUTH_ADMIN_USERNAME": MLFLOW_ADMIN,
        "MLFLOW_AUTH_ADMIN_PASSWORD": platform.values["MLFLOW_ADMIN_PASSWORD"],
        "MLFLOW_FLASK_SERVER_SECRET_KEY": platform.values["MLFLOW_FLASK_SERVER_SECRET_KEY"],
    }


def _airflow(platform: Platform) -> list[Program]:
    # Each gets Airflow's own secrets, and no other component than the scheduler those of the tasks.
    read = {"scheduler": _task_settings(platform), "triggerer": {"MERCADO_DATA_DIR": str(platform.data)}}
    # Logs are read from the disk that all components share, so nobody has to serve them.
    extra = {"scheduler": ["--skip-serve-logs"], "triggerer": ["--skip-serve-logs"]}
    return [
        Program(
            f"airflow-{component}",
            [str(_bin() / "airflow"), component, *extra.get(component, [])],
            airflow_environment(platform) | read.get(component, {}),
            priority=30,
        )
        for component in AIRFLOW_COMPONENTS
    ]


def _api(platform: Platform) -> Program:
    command = [sys.executable, "-m", "fastapi_app", "--host", "127.0.0.1"]
    environment = base_environment(platform) | {
        "MERCADO_API_WAREHOUSE_URL": platform.api_reader_url.get_secret_value(),
        **{name: platform.values[name] for name in API_SETTINGS},
        "MLFLOW_TRACKING_URI": mlflow_url(platform),
        **_browser_urls(platform),
        **_mlflow_login(platform),
    }
    return Program("api", [*command, "--port", str(platform.ports.api)], environment, priority=40)


def _bin() -> Path:
    return Path(sys.executable).parent
