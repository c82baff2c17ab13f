"""GET /models: the models of all series."""

from datetime import datetime

from pydantic import Field

from fastapi_app.model_answers import Answer
from fastapi_app.models import Models
from fastapi_app.served_model import FollowerState
from fastapi_app.served_series import ServedSeries
from mercado.series import CandleInterval, Series


class ListedModel(Answer):
    """The model of a series."""

    symbol: str = Field(description="Symbol that it forecasts.", examples=["ETHUSDT"])
    interval: CandleInterval = Field(description="Length of the candles that it takes.", examples=["4h"])
    name: str = Field(description="Name in MLflow's registry.", examples=["bitcoin-forecaster-ETHUSDT-4h"])
    default: bool = Field(description="Whether it answers requests that name no series.", examples=[False])
    in_memory: bool = Field(
        description="Whether it is loaded or being loaded; the first request for another waits until it is.",
        examples=[True],
    )
    version: int | None = Field(ge=1, description="Version that is served; null while none is loaded.", examples=[3])
    loaded_at_utc: datetime | None = Field(
        description="Since when this process serves it; null while none is loaded.",
        examples=["2026-01-01T00:03:16Z"],
    )
    notice: str | None = Field(
        description="Why the present champion is not served, or that MLflow is down; else null.", examples=[None]
    )


def describe_models(models: Models) -> list[ListedModel]:
    """Return the model of every series that can be asked for, the default one first."""
    kept, followed = models.in_memory(), models.followed()
    return [_listed(models, series, followed.get(series), in_memory=series in kept) for series in models.series]


def _listed(models: Models, series: Series, followed: ServedSeries | None, *, in_memory: bool) -> ListedModel:
    state = followed.follower.state if followed else FollowerState()
    return ListedModel(
        symbol=series.symbol,
        interval=series.interval,
        name=models.name(series),
        default=followed is models.default,
        in_memory=in_memory,
        version=state.served.version.version if state.served else None,
        loaded_at_utc=state.served.loaded_at if state.served else None,
        notice=state.trouble,
    )
