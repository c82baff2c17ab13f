"""Each DAG as a drill: from a state that is always the same, started as a person starts it, to what it made."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

import mlflow
import psycopg
import requests

from mercado.local.stages import INGESTION, LANDING, MONITORING, SIPSA, TRAINING, WORKBOOKS
from mercado.local.waiting import wait_until
from mercado.local.workbooks import drop_workbooks
from mercado.maintenance.backups import list_backups
from mercado.registry import Registry
from mercado.sipsa.contract import OPERATIONS, Operation
from tests.reliability.digests import digest, loads_in_order
from tests.reliability.stack import Stack

MAINTENANCE = "platform_maintenance"
START_SECONDS = 120
ARCHIVE_SECONDS = 0.4
OF_THE_MOMENT = ("seconds", "_mb", "bytes", "age_days")
Result = dict[str, str]
# Without the newest days, to which the exchange adds while the drills run.
KNOWN = "open_time_utc < date_trunc('day', now()) - interval '2 days'"


class Drill(Protocol):
    """One DAG under test."""

    @property
    def dag_id(self) -> str:
        """Return the DAG's id."""

    @property
    def strikes_at(self) -> str:
        """Return the task during which the fault comes; empty: before the run begins."""

    def basis(self, stack: Stack) -> str:
        """Return what a run works on beside its source: on something else it makes something else."""

    def reset(self, stack: Stack) -> None:
        """Take away what earlier runs made."""

    def start(self, stack: Stack) -> None:
        """Do what starts a run."""

    def result(self, stack: Stack) -> Result:
        """Return what is there now, as digests by name."""


def start_by_hand(stack: Stack, dag_id: str) -> None:
    """Trigger a DAG through the API, as the button in the UI does."""
    stack.demo.airflow.trigger(dag_id, {})


@dataclass
class FromTheSource:
    """A drill that takes all that it works on from its source."""

    def basis(self, stack: Stack) -> str:
        return ""


@dataclass
class FromTheCandles:
    """A drill that works on the stored candles, to which each hour adds one."""

    def basis(self, stack: Stack) -> str:
        with stack.warehouse() as connection:
            row = connection.execute("select max(open_time_utc) from market_data.klines").fetchone()
        assert row is not None
        return f"on candles until {row[0]}"


@dataclass
class Sipsa(FromTheSource):
    """All six operations, from nothing."""

    strikes_at: str = "ingest"
    dag_id: ClassVar[str] = SIPSA

    def reset(self, stack: Stack) -> None:
        with stack.warehouse() as connection:
            connection.execute(f"truncate {', '.join(tables_of(OPERATIONS))}")
            _forget_loads(connection, "sipsa")
        _empty(stack.demo.platform.data / "raw" / "sipsa")

    def start(self, stack: Stack) -> None:
        start_by_hand(stack, self.dag_id)

    def result(self, stack: Stack) -> Result:
        with stack.warehouse() as connection:
            tables = {table: digest(connection, table) for table in tables_of(OPERATIONS)}
            return {**tables, "loads": loads_in_order(connection, "sipsa")}


@dataclass
class Candles(FromTheSource):
    """Two years of hours, from nothing, and their file."""

    strikes_at: str = "download"
    dag_id: ClassVar[str] = INGESTION

    def reset(self, stack: Stack) -> None:
        with stack.warehouse() as connection:
            connection.execute("truncate market_data.klines, market_data.kline_gaps")
            _forget_loads(connection, "binance")
        _empty(stack.demo.platform.data / "bitcoin")
        _slow_archive(stack)

    def start(self, stack: Stack) -> None:
        start_by_hand(stack, self.dag_id)

    def result(self, stack: Stack) -> Result:
        csv = stack.demo.platform.data / "bitcoin" / "BTCUSDT-1h.csv"
        with stack.warehouse() as connection:
            stored = connection.execute("select count(*) from market_data.klines").fetchone()
            known = connection.execute(f"select count(*) from market_data.klines where {KNOWN}").fetchone()
            assert stored is not None
            assert known is not None
            lines = csv.read_text(encoding="utf-8").splitlines()
            return {
                "market_data.klines": digest(connection, "market_data.klines", KNOWN),
                "market_data.kline_gaps": digest(connection, "market_data.kline_gaps", "kind <> 'not_yet_published'"),
                "csv": hashlib.md5("\n".join(lines[: known[0] + 1]).encode(), usedforsecurity=False).hexdigest(),
                "csv has every stored candle": str(len(lines) - 1 == stored[0]),
                "running loads": _running(connection, "binance"),
            }


@dataclass
class Landing(FromTheSource):
    """Six workbooks dropped into the folder, which starts the run by itself."""

    strikes_at: str = "ingest"
    dag_id: ClassVar[str] = LANDING
    tables: ClassVar[tuple[str, ...]] = (
        "sipsa_data.mayoristas_prices",
        "sipsa_data.mayoristas_prices_weekly",
        "sipsa_data.mayoristas_supply_weekly",
        "sipsa_data.mayoristas_rice_monthly",
    )

    def reset(self, stack: Stack) -> None:
        tables = [name for table in self.tables for name in (table, f"{table}_revisions")]
        with stack.warehouse() as connection:
            connection.execute(f"truncate {', '.join(tables)}, sipsa_data.file_ingestion_log")
            _forget_loads(connection, "landing")
        for folder in ("landing_zone", "archive", "quarantine"):
            _empty(stack.demo.platform.data / folder)

    def start(self, stack: Stack) -> None:
        drop_workbooks(stack.demo.platform, count=WORKBOOKS)

    def result(self, stack: Stack) -> Result:
        data = stack.demo.platform.data
        with stack.warehouse() as connection:
            tables = {table: digest(connection, table) for table in self.tables}
            revisions = {f"{table}_revisions": digest(connection, f"{table}_revisions") for table in self.tables}
            ledger = connection.execute(
                "select file_sha256, file_names, status, rows_inserted + rows_unchanged, kept_at "
                "from sipsa_data.file_ingestion_log order by 1"
            ).fetchall()
        return {
            **tables,
            **revisions,
            "ledger": f"{len(ledger)} files {_md5(ledger)}",
            "files": _md5([[*_files(data / folder)] for folder in ("landing_zone", "archive", "quarantine")]),
        }


@dataclass
class Training(FromTheCandles):
    """Features, study, walk-forward, registry, gate, on the candles that are there."""

    strikes_at: str = "tune"
    dag_id: ClassVar[str] = TRAINING
    versions_before: set[int] = field(default_factory=set)

    def reset(self, stack: Stack) -> None:
        self.versions_before = {version.version for version in Registry(stack.demo.mlflow).versions()}

    def start(self, stack: Stack) -> None:
        start_by_hand(stack, self.dag_id)

    def result(self, stack: Stack) -> Result:
        registry = Registry(stack.demo.mlflow)
        new = [version for version in registry.versions() if version.version not in self.versions_before]
        champion = registry.champion()
        assert champion is not None
        wait_until(
            lambda: stack.demo.api("/model").json().get("version") == champion.version,
            seconds=START_SECONDS,
            problem=lambda: f"The API does not serve the champion, version {champion.version}.",
        )
        runs = [mlflow.MlflowClient(stack.demo.mlflow).get_run(version.run_id) for version in new]
        return {
            "new versions": str(len(new)),
            "their runs": ", ".join(run.info.status for run in runs),
            "candles": ", ".join(run.data.params["dataset_sha256"] for run in runs),
            "figures": ", ".join(_md5(sorted(_judged(run.data.metrics).items())) for run in runs),
        }


@dataclass
class Monitoring(FromTheCandles):
    """What came true, replayed forecasts, drift, from the champion and the candles that are there."""

    strikes_at: str = "judge"
    dag_id: ClassVar[str] = MONITORING

    def reset(self, stack: Stack) -> None:
        with stack.warehouse() as connection:
            connection.execute(
                "truncate market_data.prediction_outcomes, market_data.monitoring_runs, "
                "market_data.monitoring_figures, market_data.monitoring_drift, market_data.predictions"
            )

    def start(self, stack: Stack) -> None:
        start_by_hand(stack, self.dag_id)

    def result(self, stack: Stack) -> Result:
        with stack.warehouse() as connection:
            return {
                table: digest(connection, table, condition)
                for table, condition in (
                    ("market_data.predictions", "kind = 'replayed'"),
                    ("market_data.monitoring_runs", "true"),
                    ("market_data.monitoring_figures", "kind = 'replayed'"),
                    ("market_data.monitoring_drift", "true"),
                )
            }


@dataclass
class Backup(FromTheSource):
    """The weekly backup, after an earlier one."""

    strikes_at: str = "backup"
    dag_id: ClassVar[str] = MAINTENANCE

    def reset(self, stack: Stack) -> None:
        _empty(stack.demo.platform.data / "backups")

    def start(self, stack: Stack) -> None:
        start_by_hand(stack, self.dag_id)

    def result(self, stack: Stack) -> Result:
        folder = stack.demo.platform.data / "backups"
        for backup in list_backups(folder):
            backup.verify()
        return {
            "whole backups": str(len(list_backups(folder))),
            "left-overs": str([entry.name for entry in folder.iterdir() if entry.name.startswith(".")]),
        }


def tables_of(operations: Iterable[Operation]) -> list[str]:
    """Return the production tables of operations and those of their revisions."""
    return [f"sipsa_data.{op.table}{suffix}" for op in operations for suffix in ("", "_revisions")]


def _slow_archive(stack: Stack) -> None:
    """Let the archive take its time, as the real one does, so that a fault finds the download under way."""
    simulators = f"http://127.0.0.1:{stack.demo.platform.ports.simulators}/_simulator/faults"
    requests.delete(simulators, timeout=10).raise_for_status()
    slow = {"kind": "slow", "path": "/archive", "delay_seconds": ARCHIVE_SECONDS}
    requests.post(simulators, json=slow, timeout=10).raise_for_status()


def _judged(metrics: dict[str, float]) -> dict[str, float]:
    """Return a run's metrics without those that tell how long it took, or of what day it is."""
    return {name: value for name, value in metrics.items() if not name.endswith(OF_THE_MOMENT)}


def _forget_loads(connection: psycopg.Connection, source: str) -> None:
    statements = (
        "delete from ops.rejected_rows where load_id in (select load_id from ops.loads where source = %s)",
        "delete from ops.load_answers where load_id in (select load_id from ops.loads where source = %s)",
        "delete from ops.loads where source = %s",
    )
    for statement in statements:
        connection.execute(statement, (source,))


def _running(connection: psycopg.Connection, source: str) -> str:
    statement = "select count(*) from ops.loads where source = %s and status = 'running'"
    return str(connection.execute(statement, (source,)).fetchone()[0])


def _empty(folder: Path) -> None:
    for entry in folder.glob("*"):
        if entry.is_dir():
            shutil.rmtree(entry)
        elif not entry.name.startswith("."):
            entry.unlink()


def _files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))


def _md5(content: object) -> str:
    text = json.dumps(content, default=str)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
