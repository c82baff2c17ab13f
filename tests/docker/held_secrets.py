"""Who holds which secret of a platform in containers; everything else is held by nobody."""

from mercado.environment import REQUIRED_SECRETS

AIRFLOW = {
    "AIRFLOW_DB_PASSWORD",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__API__SECRET_KEY",
}
ROLES = {name for name in REQUIRED_SECRETS if name.endswith(("_DB_PASSWORD", "_READER_PASSWORD"))}
HELD = {
    "postgres": {"POSTGRES_PASSWORD"},
    "databases": {"POSTGRES_PASSWORD"} | ROLES,
    "migrate": {"WAREHOUSE_DB_PASSWORD"},
    "airflow-init": AIRFLOW | {"WAREHOUSE_DB_PASSWORD", "AIRFLOW_ADMIN_PASSWORD"},
    "airflow-apiserver": AIRFLOW,
    "airflow-dag-processor": AIRFLOW,
    "airflow-triggerer": AIRFLOW,
    "airflow-scheduler": AIRFLOW | {"OPTUNA_DB_PASSWORD", "BACKUP_READER_PASSWORD", "MLFLOW_ADMIN_PASSWORD"},
    "mlflow": {"MLFLOW_DB_PASSWORD", "MLFLOW_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY"},
    "api": {"API_READER_PASSWORD", "MLFLOW_ADMIN_PASSWORD", "MERCADO_API_KEY"},
    "simulators": set(),
}
