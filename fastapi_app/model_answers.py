"""What the API answers about the model that it serves, and about its own health."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from mercado.bitcoin.candles import CandleInterval


class Answer(BaseModel):
    """Base of all answers."""

    # `model` and `model_…` are names of this domain, so pydantic need not keep them for itself.
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class ModelReference(Answer):
    """The version that made a forecast."""

    name: str = Field(description="Name in MLflow's registry.", examples=["bitcoin-forecaster"])
    version: int = Field(ge=1, description="Version in MLflow's registry.", examples=[3])
    run_id: str = Field(description="The MLflow run that trained it.", examples=["0f6f2d1c9f2b4c6c8f2f3a1f5b7d9e11"])
    alias: str = Field(description="The alias under which it was loaded.", examples=["champion"])


class TrainingData(Answer):
    """What a model was trained on."""

    first_open_utc: datetime = Field(
        description="Open time of the first candle trained on.", examples=["2017-09-28T00:00:00Z"]
    )
    last_open_utc: datetime = Field(
        description="Open time of the last candle trained on.", examples=["2025-12-31T21:00:00Z"]
    )
    dataset_sha256: str = Field(
        description="Digest of the training set's exact bytes, hexadecimal.",
        examples=["9f86d081884c7d659a2feaa0c55ad015"],
    )


class FailedVersion(Answer):
    """A champion that could not be loaded; the model before it stays served."""

    version: int = Field(ge=1, description="Version in MLflow's registry.", examples=[4])
    reason: str = Field(description="Why, in one line.", examples=["ModelNotReadyError: direction.ubj is missing"])
    failed_at_utc: datetime = Field(
        description="When; it is tried again a minute later.", examples=["2026-01-01T00:05:00Z"]
    )


class ModelAnswer(Answer):
    """The model that is served."""

    name: str = Field(description="Name in MLflow's registry.", examples=["bitcoin-forecaster"])
    version: int = Field(ge=1, description="Version in MLflow's registry.", examples=[3])
    run_id: str = Field(
        description="The MLflow run that trained it; holds its metrics and report.",
        examples=["0f6f2d1c9f2b4c6c8f2f3a1f5b7d9e11"],
    )
    alias: str = Field(description="The alias that is followed.", examples=["champion"])
    created_at_utc: datetime = Field(description="When the version was registered.", examples=["2026-01-01T00:03:11Z"])
    loaded_at_utc: datetime = Field(
        description="When this process began to serve it.", examples=["2026-01-01T00:03:16Z"]
    )
    symbol: str = Field(description="Symbol that it forecasts.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of the candles that it takes.", examples=["1h"])
    horizon_candles: int = Field(ge=1, description="How many candles ahead it forecasts.", examples=[1])
    candles_needed: int = Field(ge=1, description="How many closed candles a forecast reads.", examples=[1000])
    features: list[str] = Field(description="Names of its features, in order.", examples=[["return_lag_0", "rsi_14"]])
    training: TrainingData
    verdict: str | None = Field(
        description="What the gate said; null when a person promoted it unjudged.", examples=["promoted"]
    )
    tags: dict[str, str] = Field(description="All tags of the version in MLflow.", examples=[{"verdict": "promoted"}])
    pending_failure: FailedVersion | None = Field(
        description="The present champion when it cannot be loaded; else null."
    )
    notice: str | None = Field(description="What else is wrong, such as MLflow being down; else null.", examples=[None])


class LiveAnswer(Answer):
    """The process runs."""

    status: Literal["live"] = Field(default="live", description="Always `live`.")


class ReadyAnswer(Answer):
    """The champion of the default model is served."""

    status: Literal["ready"] = Field(default="ready", description="Always `ready`.")
    model: ModelReference
    pending_failure: FailedVersion | None = Field(
        description="The present champion when it cannot be loaded; else null."
    )
    notice: str | None = Field(description="What else is wrong with the registry; else null.", examples=[None])
    warehouse: str | None = Field(description="Why GET /predict cannot be answered; null when it can.", examples=[None])
