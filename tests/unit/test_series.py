"""Series as they are written in settings, Params and file names."""

import pytest

from mercado.errors import ConfigurationError
from mercado.series import CandleInterval, Series
from mercado.settings import SeriesSettings


def test_a_series_is_written_as_it_is_read() -> None:
    assert Series.of(" ETHUSDT-4h ") == Series("ETHUSDT", CandleInterval.FOUR_HOURS)
    assert str(Series.of("ETHUSDT-4h")) == "ETHUSDT-4h"


@pytest.mark.parametrize("text", ["", "BTCUSDT", "BTCUSDT-", "btcusdt-1h", "BTC-USDT-1h", "BTCUSDT-1M", "BTCUSDT 1h"])
def test_what_names_no_series_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="such as BTCUSDT-1h"):
        Series.of(text)


def test_candles_of_at_least_an_hour_have_a_forecaster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_SERIES", "BTCUSDT-1m, BTCUSDT-1h,ETHUSDT-1d,")
    settings = SeriesSettings.read()
    assert [str(each) for each in settings.series] == ["BTCUSDT-1m", "BTCUSDT-1h", "ETHUSDT-1d"]
    assert [str(each) for each in settings.trained] == ["BTCUSDT-1h", "ETHUSDT-1d"]


@pytest.mark.parametrize("stated", ["BTCUSDT-1h,BTCUSDT-1h", ",", "BTCUSDT-1h,nothing"])
def test_a_list_that_cannot_be_used_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, stated: str
) -> None:
    monkeypatch.setenv("MERCADO_SERIES", stated)
    with pytest.raises(ConfigurationError, match="MERCADO_SERIES"):
        SeriesSettings.read()


def test_a_list_read_elsewhere_is_checked_like_the_variable() -> None:
    assert SeriesSettings.of("ETHUSDT-4h").series == (Series.of("ETHUSDT-4h"),)
    with pytest.raises(ConfigurationError, match="MERCADO_SERIES"):
        SeriesSettings.of("ETHUSDT")
