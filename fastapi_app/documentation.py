"""The OpenAPI document: its texts, the declared errors, and an example request that really works."""

from typing import Any, Final

import numpy as np
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from fastapi_app import problems
from fastapi_app.problems import Problem
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.features import FEATURE_NAMES, FEATURE_WINDOW_BARS

DESCRIPTION: Final = """Forecasts the close of the next candle with the model that MLflow's registry calls champion.
Each series has a model of its own, see GET /models; a request that names none is answered by the default model.

Times are UTC. Prices are in the quote asset (USDT for BTCUSDT), volumes in the base asset (BTC). Every error is a
problem in the sense of RFC 9457 (`application/problem+json`). `data_origin` tells real candles from simulated ones.

Not financial advice: next-hour returns are close to noise, and the answer states how close."""
TAGS: Final = [
    {"name": "forecasts", "description": "The next candle's direction, price and 90 % interval."},
    {"name": "model", "description": "Which models are served, what they were trained on, the versions before them."},
    {
        "name": "food prices",
        "description": "Colombia's wholesale food prices in COP, from DANE.",
    },
    {"name": "market data", "description": "Candles, stored forecasts, and how good the forecasts have been."},
    {"name": "data health", "description": "Loads, freshness, what was rejected or refused, what is missing."},
    {"name": "health", "description": "For a supervisor or a load balancer."},
]
Responses = dict[int | str, dict[str, Any]]
UNAVAILABLE: Final[Responses] = {
    503: {"model": Problem, "description": "It cannot be answered now; `detail` says why and what to do."}
}
REFUSED: Final[Responses] = {
    408: {"model": Problem, "description": "The body did not come within ten seconds."},
    413: {"model": Problem, "description": "The body is larger than 2 MB."},
    422: {
        "model": Problem,
        "description": "Candles or series cannot be used; `errors` names the field and the candle.",
    },
}
NOT_GENUINE: Final[Responses] = {
    401: {"model": Problem, "description": "MLflow did not sign this."},
    408: REFUSED[408],
    413: REFUSED[413],
}
NO_SUCH_SERIES: Final[Responses] = {
    422: {"model": Problem, "description": "No model of this series is served; `errors` lists those that are."}
}
BAD_ID: Final[Responses] = {422: {"model": Problem, "description": "The id is no UUID."}}
BAD_QUESTION: Final[Responses] = {
    422: {"model": Problem, "description": "A filter or the cursor cannot be used; `errors` names it."}
}
NOT_FOUND: Final[Responses] = {404: {"model": Problem, "description": "There is no such prediction."}}
FAILED: Final[Responses] = {500: {"model": Problem, "description": "The server made a mistake; its log has the cause."}}
DOCS_FILES: Final = "/docs-files"
EXAMPLE_START_MS: Final = 1_763_553_600_000  # 2025-11-19 12:00 UTC


def rows_or_csv(order: str) -> Responses:
    """Return the declaration of a list that is answered as JSON or as CSV."""
    next_page = {"schema": {"type": "string"}, "description": 'Address of the next page, with `rel="next"`, if any.'}
    return {
        200: {
            "description": order,
            "headers": {"Link": next_page},
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    }


def guarded_responses(settings: ApiSettings) -> Responses:
    """Return the answers that only an API with a key, or with a limit on requests, gives."""
    answers: Responses = {}
    if settings.asked_key():
        answers[401] = {"model": Problem, "description": "The key is missing or wrong: header X-API-Key, or bearer."}
    if settings.requests_per_minute:
        answers[429] = {"model": Problem, "description": "Too many requests in a minute from this address."}
    return answers


def example_request() -> dict[str, Any]:
    """Return a complete body for POST /predict: invented hours, the same at every call."""
    rng = np.random.default_rng(7)
    close = np.round(90_000 * np.exp(np.cumsum(rng.normal(0, 0.004, FEATURE_WINDOW_BARS))), 2)
    open_ = np.concatenate([[90_000.0], close[:-1]])
    reach = np.round(rng.uniform(0, 150, (2, FEATURE_WINDOW_BARS)), 2)
    step = CandleInterval.ONE_HOUR.milliseconds
    columns = {
        "open": open_,
        "high": np.round(np.maximum(open_, close) + reach[0], 2),
        "low": np.round(np.minimum(open_, close) - reach[1], 2),
        "close": close,
        "volume": np.round(rng.gamma(2.0, 200.0, FEATURE_WINDOW_BARS), 3),
    }
    times = range(EXAMPLE_START_MS, EXAMPLE_START_MS + FEATURE_WINDOW_BARS * step, step)
    candles = {"open_time_ms": list(times)} | {name: values.tolist() for name, values in columns.items()}
    return {"symbol": "BTCUSDT", "interval": CandleInterval.ONE_HOUR.value, "candles": candles}


def example_batch() -> dict[str, Any]:
    """Return a complete body for POST /predict/batch: two instants, of stored candles."""
    return {"symbol": "BTCUSDT", "interval": "1h", "as_of_utc": ["2025-12-31T23:00:00Z", "2026-01-01T00:00:00Z"]}


def example_features() -> dict[str, Any]:
    """Return a complete body for POST /predict/features: one row of zeros, which is near the mean of most features."""
    return {"features": [[0.0] * len(FEATURE_NAMES)]}


class Api(FastAPI):
    """FastAPI, whose document gives errors the media type that they are sent with."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        if self.openapi_schema is None:
            for path in super().openapi()["paths"].values():
                for operation in path.values():
                    _name_media_type(operation["responses"])
        return super().openapi()


def add_docs(app: FastAPI) -> None:
    """Serve Swagger UI at ``/docs`` with its files from a package: FastAPI's own page loads them from the internet."""
    app.mount(DOCS_FILES, StaticFiles(packages=[("fastapi_offline", "static")]))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=str(app.openapi_url),
            title=app.title,
            swagger_js_url=f"{DOCS_FILES}/swagger-ui-bundle.js",
            swagger_css_url=f"{DOCS_FILES}/swagger-ui.css",
            swagger_favicon_url=f"{DOCS_FILES}/favicon.png",
        )


def _name_media_type(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if int(status) >= 400:
            response["content"] = {problems.MEDIA_TYPE: response["content"].pop("application/json")}
