"""Planted faults of Airflow, the model and the services."""

from mercado.doctor import (
    component_checks,
    dag_checks,
    database_checks,
    mlflow_checks,
    model_checks,
    port_checks,
    process_checks,
)
from tests.e2e import plants as by
from tests.e2e.planted import Planted, airflow_rows, in_containers, together, warehouse_rows
from tests.e2e.planting import odd_component, stopped_clock

DRIFT = """
    insert into market_data.monitoring_runs (started_by, monitored_at_utc, symbol, interval, horizon_bars, model_name,
        model_version, run_id, verdict, reasons, retraining, retraining_reason, report)
    values ('planted', now(), 'BTCUSDT', '1h', 1, 'bitcoin-forecaster', 1, 'planted', 'drift', '{Planted.}',
        'cooling_down', 'planted', 'http://localhost/report')
"""
IMPORT_ERROR = """
    insert into import_error (timestamp, filename, bundle_name, stacktrace)
    values (now(), 'planted.py', 'dags-folder', E'Traceback\\nModuleNotFoundError: No module named planted')
"""
STATE = "update dag_run set state = '{}' where dag_id = 'prediction_monitoring'"
ENDED = "update dag_run set end_date = end_date {} interval '3 days' where dag_id = 'dane_sipsa_prices_ingestion'"
STALE = "update dag set is_stale = {} where dag_id = 'platform_maintenance'"
PARSE = "update dag set last_parse_duration = {} where dag_id = 'prediction_monitoring'"
ODD_SETTINGS = {"AIRFLOW__API_AUTH__JWT_SECRET": "another", "AIRFLOW__CORE__PARALLELISM": "32"}

AIRFLOW = (
    Planted(
        "a file that cannot be imported",
        airflow_rows(IMPORT_ERROR, "delete from import_error where filename = 'planted.py'"),
        dag_checks.check,
        {"dags.import": ("No module named planted", "Import Errors")},
    ),
    Planted(
        "a DAG that is not there",
        airflow_rows(STALE.format("true"), STALE.format("false")),
        dag_checks.check,
        {"dags.listed": ("platform_maintenance is not listed", "dag-processor")},
    ),
    Planted(
        "a paused DAG", by.paused, dag_checks.check, {"dags.paused": ("prediction_monitoring is paused", "toggle")}
    ),
    Planted(
        "a slow DAG file",
        airflow_rows(PARSE.format(3), PARSE.format(0.1)),
        dag_checks.check,
        {"dags.parse": ("prediction_monitoring takes 3.0 s", "inside the tasks")},
    ),
    Planted(
        "a failed run",
        airflow_rows(STATE.format("failed"), STATE.format("success")),
        dag_checks.check,
        {"dags.run": ("the run of", "/dags/prediction_monitoring/runs/manual")},
    ),
    Planted(
        "a DAG that did not succeed lately",
        airflow_rows(ENDED.format("-"), ENDED.format("+")),
        dag_checks.check,
        {"dags.run": ("due every day", "Trigger dane_sipsa_prices_ingestion")},
    ),
)
SERVICES = (
    Planted(
        "a drifting model",
        warehouse_rows(DRIFT, "delete from market_data.monitoring_runs where started_by = 'planted'"),
        model_checks.check,
        {"model.monitoring": ("drift: Planted.", "Read the report")},
    ),
    Planted(
        "no champion",
        by.no_champion,
        model_checks.check,
        {
            "model.champion": ("no version has the alias", "bitcoin_training_pipeline"),
            "model.served": ("champion", "bitcoin_training_pipeline"),
        },
    ),
    Planted(
        "artifacts beside the server",
        by.experiment_on_disk,
        mlflow_checks.check,
        {"mlflow.artifacts": ("an experiment writes to", "--artifacts-destination")},
    ),
    Planted(
        "a port for everybody",
        by.open_to_others,
        port_checks.check_processes,
        {"ports.loopback": ("for other machines too", "127.0.0.1 only")},
    ),
    Planted(
        "a program that is stopped",
        by.stopped_simulators,
        together(process_checks.check, port_checks.check_processes, component_checks.check),
        {
            "processes.states": ("simulators is STOPPED", "make demo"),
            "ports.answer": ("SIMULATORS_PORT", "make demo"),
            "health.simulators": ("no answer", "simulators.log"),
        },
    ),
    Planted(
        "a killed program",
        by.killed_simulators,
        process_checks.check,
        {"processes.restarts": ("simulators ended by itself 1 times", "NAME.log")},
    ),
    Planted(
        "a database that hangs",
        lambda demo: stopped_clock(demo, "postgres"),
        database_checks.check,
        {"database.answers": ("does not answer", "postgres.log")},
    ),
    Planted(
        "a tracking server that hangs",
        lambda demo: stopped_clock(demo, "mlflow"),
        component_checks.check,
        {"health.mlflow": ("ReadTimeout", "mlflow.log")},
    ),
    Planted(
        "components that differ",
        lambda demo: odd_component(demo, "airflow-triggerer", ODD_SETTINGS),
        component_checks.check,
        {
            "secrets.shared": ("AIRFLOW__API_AUTH__JWT_SECRET differs", "make demo-down demo"),
            "airflow.settings": ("airflow-odd: AIRFLOW__CORE__PARALLELISM is 32", "make demo-down demo"),
        },
    ),
    Planted(
        "a name that MLflow does not let in",
        by.nothing_changed,
        in_containers(mlflow_checks.check),
        {"mlflow.hosts": ("mlflow:5000 is refused with 403", "MLFLOW_SERVER_ALLOWED_HOSTS")},
    ),
)
