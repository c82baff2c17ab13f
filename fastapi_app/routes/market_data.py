"""Candles, stored forecasts and the monitoring's looks: GET /candles, /forecasts and /monitoring."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BeforeValidator

from fastapi_app.answers.market_data import Candle, MonitoringLook, StoredForecast
from fastapi_app.dependencies import ServicesDep
from fastapi_app.documentation import BAD_QUESTION, UNAVAILABLE, rows_or_csv
from fastapi_app.reading import CursorQuery, Format, FormatQuery, LimitQuery, Listed, answer_list
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.predictions import Kind
from mercado.marts.candles import read_candle_rows
from mercado.marts.forecasts import read_forecasts, read_monitoring
from mercado.series import MAIN_SYMBOL

router = APIRouter(tags=["market data"], responses=BAD_QUESTION | UNAVAILABLE)
LARGEST_VERSION = 2**31 - 1
SymbolQuery = Annotated[str, Query(pattern="^[A-Z0-9]{1,20}$", description="As Binance spells it.")]
IntervalQuery = Annotated[CandleInterval, Query(description="Length of a candle.")]
# By itself pydantic takes a number for seconds since the epoch, which the document does not allow.
Instant = Annotated[
    Annotated[AwareDatetime, BeforeValidator(datetime.fromisoformat)] | None,
    Query(description="ISO 8601 with its zone, such as 2026-01-01T00:00:00Z."),
]


@router.get("/candles", summary="Candles", response_model=Listed[Candle], responses=rows_or_csv("Newest first."))
async def list_candles(
    services: ServicesDep,
    request: Request,
    symbol: SymbolQuery = MAIN_SYMBOL,
    interval: IntervalQuery = CandleInterval.ONE_HOUR,
    since: Instant = None,
    until: Instant = None,
    limit: LimitQuery = 500,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List closed candles that open from `since` to `until`, the newest first."""
    read = partial(read_candle_rows, symbol=symbol, interval=interval, since=since, until=until)
    return await answer_list(services, request, read, Candle, limit=limit, cursor=cursor, form=form)


@router.get(
    "/forecasts",
    summary="Stored forecasts",
    response_model=Listed[StoredForecast],
    responses=rows_or_csv("Newest first."),
)
async def list_forecasts(
    services: ServicesDep,
    request: Request,
    symbol: SymbolQuery = MAIN_SYMBOL,
    interval: IntervalQuery = CandleInterval.ONE_HOUR,
    model_version: Annotated[int | None, Query(ge=1, le=LARGEST_VERSION, description="Of the model.")] = None,
    kind: Annotated[Kind | None, Query(description="How it was made.")] = None,
    since: Instant = None,
    until: Instant = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List forecasts as of `since` to `until`, the newest first, with what came true where that is known."""
    series = partial(read_forecasts, symbol=symbol, interval=interval)
    read = partial(series, model_version=model_version, kind=kind, since=since, until=until)
    return await answer_list(services, request, read, StoredForecast, limit=limit, cursor=cursor, form=form)


@router.get(
    "/monitoring",
    summary="How good the forecasts have been",
    response_model=Listed[MonitoringLook],
    responses=rows_or_csv("Newest first."),
)
async def list_monitoring(
    services: ServicesDep,
    request: Request,
    symbol: Annotated[str | None, Query(pattern="^[A-Z0-9]{1,20}$", description="As Binance spells it.")] = None,
    interval: Annotated[CandleInterval | None, Query(description="Length of a candle.")] = None,
    limit: LimitQuery = 10,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List the looks of `prediction_monitoring` at champions, the newest first, with live and replayed skill."""
    read = partial(read_monitoring, symbol=symbol, interval=interval)
    return await answer_list(services, request, read, MonitoringLook, limit=limit, cursor=cursor, form=form)
