"""A warehouse full of loads of every source, and the API that reads it as its own role, for tests of reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
from fastapi import FastAPI
from pydantic import SecretStr

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.landing.ingest import Status
from mercado.landing.keeping import Folders
from mercado.settings import DataSettings
from mercado.sipsa.client import SipsaClient
from mercado.sipsa.contract import CITY_PRICES, OPERATIONS
from mercado.sipsa.ingest import ingest
from mercado.warehouse.connection import connect
from tests.api.builders import FolderRegistry, save_model, train_forecaster
from tests.integration.landing_documents import daily, drop, weekly
from tests.integration.trainings import END, store_candles
from tests.simulators.generated import Profile
from tests.simulators.running import running_simulator
from tests.simulators.sipsa.options import SipsaOptions

TODAY = date(2024, 6, 3)
ROWS = 2000
REVISED = 7
PLANTAIN = "Plátano hartón verde"
CORABASTOS = "Bogotá, D.C., Corabastos"
EGGS = "Huevo rojo A"
SUNDAY = timedelta(days=7)


def fill(url: SecretStr, folder: Path) -> SecretStr:
    """Load candles, all operations of the service, workbooks and a refused one; revise one price; return the URL."""
    store_candles(url, Profile.REVERSAL, months=2)
    with connect(url, application="tests") as connection:
        _ingest(connection, folder)
        _drop(connection, folder)
    return url


def _ingest(connection: psycopg.Connection, folder: Path) -> None:
    with running_simulator(sipsa=SipsaOptions(rows=ROWS, today=TODAY)) as simulator:
        client = SipsaClient(simulator.sipsa_wsdl_url)
        for operation in OPERATIONS:
            ingest(connection, client, operation, folder=folder, clock=lambda: TODAY)
        simulator.revise_sipsa(CITY_PRICES.name, positions=[REVISED], factor=1.5)
        ingest(connection, client, CITY_PRICES, folder=folder, clock=lambda: TODAY)


def _drop(connection: psycopg.Connection, folder: Path) -> None:
    folders = Folders.of(DataSettings.model_validate({"MERCADO_DATA_DIR": folder / "data"}))
    folders.landing_zone.mkdir(parents=True)
    for week in range(3):
        day = TODAY - SUNDAY * week
        drop(connection, folders, daily({PLANTAIN: str(2500 + week), EGGS: "450"}, day=day), f"d{week}.xlsx")
        prices = [["Verduras", PLANTAIN, CORABASTOS, "2000", "2600", "2400", "kg", "="]]
        drop(connection, folders, weekly(prices, first_day=day - timedelta(days=6)), f"w{week}.xlsx")
    rejected = [["1.1!D37", "a number above 0", "-3"]]
    drop(connection, folders, daily({PLANTAIN: "2499"}, day=TODAY - SUNDAY * 3, rejected=rejected), "rejected.xlsx")
    assert drop(connection, folders, b"no workbook", "broken.xlsx").status is Status.REFUSED


@contextmanager
def reading_app(reader_url: SecretStr, folder: Path) -> Iterator[FastAPI]:
    """Yield the API with a model and a warehouse that it reads; nothing of it runs by itself."""
    save_model(folder / "model", train_forecaster())
    settings = ApiSettings(_env_file=None, MERCADO_API_WAREHOUSE_URL=reader_url)
    app = create_app(settings, FolderRegistry({1: folder / "model"}, 1), now=lambda: END)
    services = app.state.services
    services.follower.poll()
    services.latest.refresh()
    services.log.flush()
    try:
        yield app
    finally:
        services.reader.close()
