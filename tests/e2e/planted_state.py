"""Planted faults of settings, databases, data and folders."""

from datetime import timedelta

from mercado.doctor import (
    backup_checks,
    component_checks,
    dag_checks,
    database_checks,
    folder_checks,
    landing_checks,
    secret_checks,
    warehouse_checks,
)
from mercado.warehouse.schema import newest_revision
from tests.e2e import plants as by
from tests.e2e.planted import Planted, warehouse_rows
from tests.e2e.planting import setting

STALE_SIPSA = """
    create table public.planted as select * from sipsa_data.sipsa_prices where capture_date > current_date - 20;
    delete from sipsa_data.sipsa_prices where capture_date > current_date - 20
"""
SIPSA_BACK = "insert into sipsa_data.sipsa_prices select * from public.planted; drop table public.planted"
STALE_CANDLES = """
    create table public.planted as select * from market_data.klines where open_time_utc > now() - interval '2 days';
    delete from market_data.klines where open_time_utc > now() - interval '2 days'
"""
CANDLES_BACK = "insert into market_data.klines select * from public.planted; drop table public.planted"
HOLE = """
    insert into market_data.kline_gaps (symbol, interval, first_missing_open_time_utc, last_missing_open_time_utc,
        missing_count, kind, first_seen_load_id)
    select 'BTCUSDT', '1h', '2020-01-01', '2020-01-01 02:00', 3, 'own_hole', min(load_id) from ops.loads
"""
DEAD_LOAD = "insert into ops.loads (source, scope, origin) values ('planted', 'planted', 'planted')"
REVISION = "update ops.alembic_version set version_num = '{}'"

SETTINGS = (
    Planted(
        "a known default",
        lambda demo: setting(demo, AIRFLOW_ADMIN_PASSWORD="admin"),
        secret_checks.check,
        {"secrets.set": ("AIRFLOW_ADMIN_PASSWORD is a known default", "openssl rand")},
    ),
    Planted(
        "a password that Airflow does not know",
        lambda demo: setting(demo, AIRFLOW_ADMIN_PASSWORD="another"),
        dag_checks.check,
        {"airflow.log-in": ("refuses the log-in", "AIRFLOW_ADMIN_PASSWORD")},
    ),
    Planted(
        "a missing secret",
        lambda demo: setting(demo, OPTUNA_DB_PASSWORD=""),
        secret_checks.check,
        {"secrets.set": ("OPTUNA_DB_PASSWORD is missing", "openssl rand")},
    ),
    Planted(
        "two secrets alike", by.same_secret, secret_checks.check, {"secrets.distinct": ("are the same", "openssl rand")}
    ),
    Planted(
        "a secret changed under the processes",
        by.same_secret,
        component_checks.check,
        {"secrets.running": ("AIRFLOW__API__SECRET_KEY in the settings", "make demo-down demo")},
    ),
    Planted(
        "settings that others can read",
        lambda demo: by.mode(demo.platform.settings_file, 0o644),
        secret_checks.check,
        {"secrets.file": ("mode 644", "chmod 600")},
    ),
    Planted(
        "a state that others can read",
        lambda demo: by.mode(demo.state, 0o755),
        secret_checks.check,
        {"secrets.folder": ("mode 755", "chmod 700")},
    ),
    Planted(
        "two programs in one database",
        lambda demo: setting(demo, POSTGRES_DB_OPTUNA="warehouse_db"),
        database_checks.check,
        {"database.distinct": ("warehouse and optuna share warehouse_db", "POSTGRES_DB_")},
    ),
)
DATA = (
    Planted(
        "a role's password", by.other_password, database_checks.check, {"database.roles": ("api_reader: ", "sets them")}
    ),
    Planted(
        "a superuser's password",
        lambda demo: setting(demo, POSTGRES_PASSWORD="another"),
        database_checks.check,
        {"database.answers": ("password authentication failed", "POSTGRES_PASSWORD")},
    ),
    Planted(
        "a time zone",
        warehouse_rows("alter role postgres set timezone = 'America/Bogota'", "alter role postgres reset timezone"),
        database_checks.check,
        {"database.zone": ("America/Bogota", "alter system set timezone")},
    ),
    Planted(
        "an older schema",
        warehouse_rows(REVISION.format("0001"), REVISION.format(newest_revision())),
        warehouse_checks.check,
        {"warehouse.schema": ("0001", "mercado migrate")},
    ),
    Planted(
        "old food prices",
        warehouse_rows(STALE_SIPSA, SIPSA_BACK),
        warehouse_checks.check,
        {"data.sipsa": ("promediosSipsaCiudad: the last good day", "dane_sipsa_prices_ingestion")},
    ),
    Planted(
        "old candles",
        warehouse_rows(STALE_CANDLES, CANDLES_BACK),
        warehouse_checks.check,
        {"data.candles": ("the newest candle closed", "bitcoin_data_ingestion")},
    ),
    Planted(
        "a hole of our own",
        warehouse_rows(HOLE, "delete from market_data.kline_gaps where first_missing_open_time_utc = '2020-01-01'"),
        warehouse_checks.check,
        {"data.holes": ("BTCUSDT 1h lacks 3 from 2020-01-01 00:00", "bitcoin_data_ingestion")},
    ),
    Planted(
        "a load left by a dead process",
        warehouse_rows(DEAD_LOAD, "delete from ops.loads where source = 'planted'"),
        warehouse_checks.check,
        {"data.dead-loads": ("of planted planted since", "Run the DAG")},
    ),
    Planted(
        "a file that nobody takes",
        by.waiting_file,
        landing_checks.check,
        {"landing.stuck": ("planted.xlsx waits since", "file_ingestion_from_excel")},
        later=timedelta(minutes=11),
    ),
    Planted(
        "a refused file",
        lambda demo: by.file_in(demo.platform.data / "quarantine"),
        landing_checks.check,
        {"landing.quarantine": ("1 files", "Read the report")},
    ),
    Planted(
        "a folder that is gone",
        lambda demo: by.moved(demo.platform.data / "archive"),
        folder_checks.check,
        {"folders.writable": ("archive is missing", "mkdir -p")},
    ),
    Planted(
        "an old backup",
        lambda demo: by.backup(demo, age=timedelta(days=9)),
        backup_checks.check,
        {"backup.age": ("the newest is of", "make backup")},
    ),
    Planted(
        "a backup without a file",
        lambda demo: by.backup(demo, age=timedelta(hours=1), without="artifacts.tar.gz"),
        backup_checks.check,
        {"backup.whole": ("artifacts.tar.gz is missing", "sha256sum -c")},
    ),
)
