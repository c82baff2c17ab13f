"""What may be chosen for the retention: nothing that would cut what is still needed."""

from pathlib import Path

import pytest

from mercado.errors import ConfigurationError
from mercado.maintenance.settings import RetentionSettings

LEAST = {"LOG_DAYS": 7, "METADATA_DAYS": 7, "PREDICTION_DAYS": 400}


@pytest.fixture(autouse=True)
def no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MERCADO_ENV_FILE", str(tmp_path / "none"))


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_a_time_too_short_is_refused_with_the_shortest(name: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MERCADO_RETENTION_{name}", str(least - 1))
    with pytest.raises(ConfigurationError, match=rf"{name}: expected 0 \(keep for ever\) or at least {least} days"):
        RetentionSettings.read()
    for allowed in (0, least):
        monkeypatch.setenv(f"MERCADO_RETENTION_{name}", str(allowed))
        assert getattr(RetentionSettings.read(), name.lower()) == allowed


def test_a_negative_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_RETENTION_RAW_DAYS", "-1")
    with pytest.raises(ConfigurationError, match="MERCADO_RETENTION_RAW_DAYS"):
        RetentionSettings.read()
