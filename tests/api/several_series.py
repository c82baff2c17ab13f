"""An application with four series, whose models come from registries in folders that a test can slow down."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from fastapi_app.limits import Limits
from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.forecaster import Forecaster
from mercado.errors import ServiceUnavailableError
from mercado.registry import ModelVersion
from tests.api.builders import NOW, FolderRegistry, column_body
from tests.api.client import TestClient

MAIN: Final = "BTCUSDT"
OTHERS: Final = ("ETHUSDT", "SOLUSDT", "ADAUSDT")
SERIES: Final = ",".join(f"{symbol}-1h" for symbol in (MAIN, *OTHERS))
NEVER: Final = 3600
Trained = dict[str, tuple[Forecaster, Path]]


@dataclass
class SlowRegistry(FolderRegistry):
    """A registry that hands models over only while its gate is open."""

    gate: threading.Event = field(default_factory=threading.Event)

    def download(self, version: ModelVersion, folder: Path) -> Path:
        if not self.gate.wait(30):
            raise ServiceUnavailableError("the gate stayed shut")
        return super().download(version, folder)


@dataclass(frozen=True)
class Platform:
    """What an application with four series is made of.

    Attributes:
        registry: Of the default model.
        others: The registry of each other series, by the name of its model.
        forecasters: What is registered, by symbol.
    """

    registry: FolderRegistry
    others: dict[str, SlowRegistry]
    forecasters: dict[str, Forecaster]

    def of(self, symbol: str) -> SlowRegistry:
        return self.others[f"bitcoin-forecaster-{symbol}-1h"]

    def app(self, *, cold_seconds: float = 30, **settings: Any) -> FastAPI:
        stated = {"MERCADO_API_POLL_SECONDS": 0.1, "MERCADO_SERIES": SERIES} | settings
        app = create_app(
            ApiSettings(_env_file=None, **stated),
            self.registry,
            now=lambda: NOW,
            limits=Limits(cold_seconds=cold_seconds),
            sources=self.others.__getitem__,
        )
        app.state.services.follower.poll()
        return app

    @contextmanager
    def running(self, **options: Any) -> Iterator[TestClient]:
        """Yield a client of a started application."""
        with TestClient(self.app(**options)) as client:
            yield client


def body(symbol: str) -> dict[str, Any]:
    return column_body() | {"symbol": symbol}


def in_memory(client: TestClient) -> set[str]:
    return {each["symbol"] for each in client.get("/models").json()["items"] if each["in_memory"]}


def listed(client: TestClient, symbol: str) -> dict[str, Any]:
    (found,) = (each for each in client.get("/models").json()["items"] if each["symbol"] == symbol)
    return dict(found)
