"""Food prices: GET /products, /markets, /prices, /prices/revisions and /prices/comparison."""

from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection

from fastapi_app.answers.prices import ComparedMarket, Dataset, Market, Price, Product, Revision
from fastapi_app.dependencies import ServicesDep
from fastapi_app.documentation import BAD_QUESTION, UNAVAILABLE, rows_or_csv
from fastapi_app.reading import CursorQuery, Format, FormatQuery, LimitQuery, Listed, answer_list
from mercado.marts import prices
from mercado.marts.paging import Page

router = APIRouter(tags=["food prices"], responses=BAD_QUESTION | UNAVAILABLE)
NAME_LENGTH = 200
ManyMarkets = Annotated[
    list[str] | None, Query(alias="market", max_length=100, description="As GET /markets names it; repeatable.")
]
ProductQuery = Annotated[str, Query(min_length=1, max_length=NAME_LENGTH, description="As GET /products names it.")]
SearchQuery = Annotated[
    str | None, Query(max_length=NAME_LENGTH, description="Words of the name, whatever their order, case and accents.")
]
DatasetQuery = Annotated[Dataset | None, Query(description="Where prices are from; all by default.")]
SinceQuery = Annotated[date | None, Query(description="First day.")]
UntilQuery = Annotated[date | None, Query(description="Last day on which a price may begin.")]


@router.get("/products", summary="Products", response_model=Listed[Product], responses=rows_or_csv("Products by name."))
async def list_products(
    services: ServicesDep,
    request: Request,
    q: SearchQuery = None,
    dataset: DatasetQuery = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List the products of which there are prices, by name: `q=platano` finds "Plátano hartón verde"."""
    read = partial(prices.find_products, q=q, dataset=dataset)
    return await answer_list(services, request, read, Product, limit=limit, cursor=cursor, form=form)


@router.get("/markets", summary="Cities and markets", response_model=Listed[Market], responses=rows_or_csv("By name."))
async def list_markets(
    services: ServicesDep,
    request: Request,
    q: SearchQuery = None,
    product: Annotated[str | None, Query(max_length=NAME_LENGTH, description="Only those that have it.")] = None,
    dataset: DatasetQuery = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List the cities and markets of which there are prices, by name."""
    read = partial(prices.find_markets, q=q, product=product, dataset=dataset)
    return await answer_list(services, request, read, Market, limit=limit, cursor=cursor, form=form)


@router.get(
    "/prices", summary="A product's prices", response_model=Listed[Price], responses=rows_or_csv("Newest first.")
)
async def list_prices(
    services: ServicesDep,
    request: Request,
    product: ProductQuery,
    market: ManyMarkets = None,
    dataset: DatasetQuery = None,
    since: SinceQuery = None,
    until: UntilQuery = None,
    limit: LimitQuery = 500,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List a product's prices in COP, the newest first; an unknown product has none."""
    read = partial(prices.read_prices, product=product, markets=market, dataset=dataset, since=since, until=until)
    return await answer_list(services, request, read, Price, limit=limit, cursor=cursor, form=form)


@router.get(
    "/prices/revisions",
    summary="Earlier amounts of a product's prices",
    response_model=Listed[Revision],
    responses=rows_or_csv("Newest first."),
)
async def list_revisions(
    services: ServicesDep,
    request: Request,
    product: ProductQuery,
    market: ManyMarkets = None,
    dataset: DatasetQuery = None,
    since: SinceQuery = None,
    until: UntilQuery = None,
    limit: LimitQuery = 500,
    cursor: CursorQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """List amounts that a source has changed since, each with the time in which it was the known one."""
    read = partial(prices.read_revisions, product=product, markets=market, dataset=dataset, since=since, until=until)
    return await answer_list(services, request, read, Revision, limit=limit, cursor=cursor, form=form)


@router.get(
    "/prices/comparison",
    summary="A product's newest price in each market",
    response_model=Listed[ComparedMarket],
    responses=rows_or_csv("Dearest first."),
)
async def compare_markets(
    services: ServicesDep,
    request: Request,
    product: ProductQuery,
    dataset: DatasetQuery = None,
    form: FormatQuery = Format.JSON,
) -> Response:
    """Compare markets by a product's newest price and its change: one page, a row for each market and dataset."""

    def read(connection: Connection, *, limit: int, cursor: str | None) -> Page:
        return Page(prices.compare_markets(connection, product=product, dataset=dataset), None)

    return await answer_list(services, request, read, ComparedMarket, limit=1, cursor=None, form=form)
