"""Settings: clear errors, the environment before the file, no secret in a text form."""

from pathlib import Path

import pytest

from mercado.errors import ConfigurationError
from mercado.settings import BinanceSettings, OptunaSettings, TrainingSettings, WarehouseSettings

PREFIXES = ("MERCADO_", "BINANCE_", "POSTGRES_", "WAREHOUSE_", "OPTUNA_")


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import os

    for name in list(os.environ):
        if name.startswith(PREFIXES):
            monkeypatch.delenv(name)
    file = tmp_path / "settings"
    file.touch()
    monkeypatch.setenv("MERCADO_ENV_FILE", str(file))
    return file


def test_a_missing_database_is_an_error_that_names_the_variables(env_file: Path) -> None:
    with pytest.raises(ConfigurationError, match="MERCADO_WAREHOUSE_URL nor WAREHOUSE_DB_PASSWORD"):
        WarehouseSettings.read().resolved_url()


def test_the_url_is_composed_from_password_and_port_and_percent_encoded(env_file: Path) -> None:
    env_file.write_text("WAREHOUSE_DB_PASSWORD=p@ss/word\nPOSTGRES_PORT=5433\n")
    url = WarehouseSettings.read().resolved_url().get_secret_value()
    assert url == "postgresql://warehouse:p%40ss%2Fword@127.0.0.1:5433/warehouse_db"


def test_a_stated_url_wins_over_the_parts(env_file: Path) -> None:
    env_file.write_text("OPTUNA_DB_PASSWORD=x\nMERCADO_OPTUNA_URL=postgresql://me:pw@host/db\n")
    assert OptunaSettings.read().resolved_url().get_secret_value() == "postgresql://me:pw@host/db"


def test_the_environment_wins_over_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("MERCADO_TRAINING_TRIALS=5\n")
    monkeypatch.setenv("MERCADO_TRAINING_TRIALS", "6")
    assert TrainingSettings.read().trials == 6


def test_a_value_that_cannot_be_used_is_named(env_file: Path) -> None:
    env_file.write_text("MERCADO_TRAINING_TRIALS=many\n")
    with pytest.raises(ConfigurationError, match="MERCADO_TRAINING_TRIALS"):
        TrainingSettings.read()


def test_an_empty_archive_address_means_rest_only(env_file: Path) -> None:
    env_file.write_text("BINANCE_ARCHIVE_URL=\n")
    assert BinanceSettings.read().archive_url == ""


def test_a_password_never_shows_in_a_text_form(env_file: Path) -> None:
    env_file.write_text("WAREHOUSE_DB_PASSWORD=visible?\n")
    settings = WarehouseSettings.read()
    assert "visible?" not in f"{settings!r} {settings} {settings.resolved_url()}"
