"""A real application with a real forecaster, and a clock that stands still."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.forecaster import Forecaster
from tests.api.builders import NOW, FolderRegistry, save_model, train_forecaster
from tests.api.client import TestClient
from tests.api.several_series import MAIN, OTHERS, Platform, SlowRegistry, Trained


@pytest.fixture(scope="session")
def forecaster() -> Forecaster:
    return train_forecaster()


@pytest.fixture(scope="session")
def model_folders(forecaster: Forecaster, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Versions 1 and 2, which differ, and version 3, which is damaged."""
    folders = {number: tmp_path_factory.mktemp(f"version-{number}") for number in (1, 2, 3)}
    save_model(folders[1], forecaster)
    save_model(folders[2], train_forecaster(seed=8))
    save_model(folders[3], forecaster)
    (folders[3] / "direction.ubj").write_bytes(b"half a model")
    return folders


@pytest.fixture
def registry(model_folders: dict[int, Path]) -> FolderRegistry:
    return FolderRegistry(model_folders, champion_number=1)


@pytest.fixture
def settings() -> ApiSettings:
    """Without a warehouse, whatever the environment says."""
    return ApiSettings(_env_file=None, MERCADO_API_POLL_SECONDS=0.1)


@pytest.fixture
def app(registry: FolderRegistry, settings: ApiSettings) -> FastAPI:
    """The application, not started: a test polls by itself."""
    return create_app(settings, registry, now=lambda: NOW)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A client of an application that has loaded version 1."""
    app.state.services.follower.poll()
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def lasting_client(model_folders: dict[int, Path]) -> TestClient:
    """The same for tests that send many requests and change nothing."""
    app = create_app(ApiSettings(_env_file=None), FolderRegistry(model_folders, champion_number=1), now=lambda: NOW)
    app.state.services.follower.poll()
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One forecaster for each symbol, with its folder."""
    made = {}
    for seed, symbol in enumerate((MAIN, *OTHERS), start=21):
        forecaster, folder = train_forecaster(seed=seed, symbol=symbol), tmp_path_factory.mktemp(symbol)
        save_model(folder, forecaster)
        made[symbol] = forecaster, folder
    return made


@pytest.fixture
def platform(trained: Trained) -> Platform:
    others = {}
    for symbol in OTHERS:
        name = f"bitcoin-forecaster-{symbol}-1h"
        others[name] = SlowRegistry({1: trained[symbol][1]}, champion_number=1, name=name)
        others[name].gate.set()
    registry = FolderRegistry({1: trained[MAIN][1]}, champion_number=1)
    return Platform(registry, others, {symbol: forecaster for symbol, (forecaster, _) in trained.items()})
