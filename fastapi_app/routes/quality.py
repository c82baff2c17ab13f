"""Loads and the health of the data: GET /loads, /quality, /quality/rejected-rows, /quality/files and /quality/gaps."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from fastapi_app.answers.market_data import Gap, GapKind
from fastapi_app.answers.quality import DroppedFile, FileStatus, Load, LoadStatus, Quality, RejectedRow, Source
from fastapi_app.dependencies import NowDep, ServicesDep
from fastapi_app.documentation import BAD_QUESTION, UNAVAILABLE, rows_or_csv
from fastapi_app.reading import CursorQuery, Format, FormatQuery, LimitQuery, Listed, answer_list, ask
from mercado.bitcoin.candles import CandleInterval
from mercado.marts.candles import read_gaps
from mercado.marts.loads import read_files, read_loads, read_rejected_rows
from mercado.marts.paging import LARGEST_ID
from mercado.marts.quality import read_quality

router = APIRouter(tags=["data health"], responses=UNAVAILABLE)
SourceQuery = Annotated[Source | None, Query(description="Short name of the source; all by default.")]
LoadQuery = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Of one load.")]


@router.get(
    "/loads", summary="Loads", response_model=Listed[Load], responses=BAD_QUESTION | rows_or_csv("Newest first.")
)
async def list_loads(
    services: ServicesDep,
    request: Request,
    load_id: LoadQuery = None,
    source: SourceQuery = None,
    scope: Annotated[str | None, Query(max_length=200, description="Series or part of the source.")] = None,
    status: Annotated[LoadStatus | None, Query(description="What became of it.")] = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List loads, the newest first: what was asked of a source, what came, what changed, or why it failed."""
    read = partial(read_loads, load_id=load_id, source=source, scope=scope, status=status)
    return await answer_list(services, request, read, Load, limit=limit, cursor=cursor, form=form)


@router.get("/quality", summary="The health of the data")
async def read_data_quality(services: ServicesDep, now: NowDep) -> Quality:
    """Tell each source's last load and freshness, and how much is rejected, refused or missing."""
    state: dict[str, Any] = await ask(services, partial(read_quality, now=now))
    return Quality.model_validate(state)


@router.get(
    "/quality/rejected-rows",
    summary="Rejected rows",
    response_model=Listed[RejectedRow],
    responses=BAD_QUESTION | rows_or_csv("Of the newest load first."),
)
async def list_rejected_rows(
    services: ServicesDep,
    request: Request,
    source: SourceQuery = None,
    load_id: LoadQuery = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List rows that break a rule, each with the rule and its text as it came, those of the newest load first."""
    read = partial(read_rejected_rows, source=source, load_id=load_id)
    return await answer_list(services, request, read, RejectedRow, limit=limit, cursor=cursor, form=form)


@router.get(
    "/quality/files",
    summary="Dropped workbooks",
    response_model=Listed[DroppedFile],
    responses=BAD_QUESTION | rows_or_csv("The last handled first."),
)
async def list_files(
    services: ServicesDep,
    request: Request,
    status: Annotated[FileStatus | None, Query(description="What became of it.")] = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List what became of the workbooks that were dropped into the landing folder, the last handled first."""
    read = partial(read_files, status=status)
    return await answer_list(services, request, read, DroppedFile, limit=limit, cursor=cursor, form=form)


@router.get(
    "/quality/gaps",
    summary="Missing candles",
    response_model=Listed[Gap],
    responses=BAD_QUESTION | rows_or_csv("The latest first."),
)
async def list_gaps(
    services: ServicesDep,
    request: Request,
    symbol: Annotated[str | None, Query(pattern="^[A-Z0-9]{1,20}$", description="As Binance spells it.")] = None,
    interval: Annotated[CandleInterval | None, Query(description="Length of a candle.")] = None,
    kind: Annotated[GapKind | None, Query(description="Why they are missing.")] = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List ranges of candles that are not there, the latest first."""
    read = partial(read_gaps, symbol=symbol, interval=interval, kind=kind)
    return await answer_list(services, request, read, Gap, limit=limit, cursor=cursor, form=form)
