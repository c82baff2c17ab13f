"""Which series of candles a run is about, and tasks that do the same for each of several."""

from collections.abc import Callable
from typing import Any

from airflow.sdk import task

from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL, CandleInterval, Series
from mercado.settings import SeriesSettings


def choose(params: dict[str, Any] | None = None) -> list[str]:
    """Return the series to download: the one that the Params name, or every one of the settings."""
    return _named(params or {}) or [str(each) for each in SeriesSettings.read().series]


def choose_trained(params: dict[str, Any] | None = None) -> list[str]:
    """Return the series to watch: the one that the Params name, or those of the settings that have a forecaster."""
    return _named(params or {}) or [str(each) for each in SeriesSettings.read().trained]


def of_each(function: Callable[..., Any], **stated: Any) -> Any:
    """Return a task of a mapped group, each instance of which is about one series and bears its name in the UI.

    Args:
        function: Of the task; its argument ``series`` is the series.
        stated: What else the task gets, such as ``outlets``.
    """
    named = "{{ task.op_kwargs['series'] }}"
    return task(doc_md=function.__doc__, map_index_template=named, **stated)(function)


def asked(params: dict[str, Any], partition_key: str | None) -> Series:
    """Return the series of a training's run.

    Args:
        params: Of the run.
        partition_key: Series whose new candles started the run, or ``None`` when a person or another DAG did.
    """
    if partition_key:
        return Series.of(partition_key)
    return Series(params["symbol"], CandleInterval(params["interval"]))


def _named(params: dict[str, Any]) -> list[str]:
    symbol, interval = params["symbol"], params["interval"]
    if not symbol and not interval:
        return []
    return [str(Series(symbol or MAIN_SYMBOL, CandleInterval(interval or MAIN_INTERVAL)))]
