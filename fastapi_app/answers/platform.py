"""The platform itself, and the versions of its models."""

from datetime import datetime

from pydantic import Field

from fastapi_app.answers.market_data import StoredSeries
from fastapi_app.model_answers import Answer


class Links(Answer):
    """Where else to look."""

    airflow: str = Field(description="Airflow's UI.", examples=["http://localhost:8080"])
    mlflow: str = Field(description="MLflow's UI.", examples=["http://localhost:5000"])
    docs: str = Field(description="This API's documentation.", examples=["/docs"])


class PlatformAnswer(Answer):
    """What this platform is and holds."""

    version: str = Field(description="Mercado's version.", examples=["0.1.0"])
    simulated: bool | None = Field(
        description="Whether its data is a simulator's; null: nothing was loaded yet.", examples=[False]
    )
    links: Links
    series: list[StoredSeries] = Field(description="Series of which candles are stored.")


class RegisteredVersion(Answer):
    """A version of a model that is served."""

    version: int = Field(ge=1, description="Its number.", examples=[3])
    created_at_utc: datetime = Field(description="When it was registered.", examples=["2026-01-01T00:03:11Z"])
    aliases: list[str] = Field(description="`champion` is served.", examples=[["champion"]])
    verdict: str | None = Field(description="What the gate said; null: not judged.", examples=["promoted"])
    reason: str | None = Field(
        description="Why, every rule with its figure; null: not judged.", examples=["It is the first."]
    )
    run_id: str = Field(description="The MLflow run that trained it.", examples=["0f6f2d1c9f2b4c6c8f2f3a1f5b7d9e11"])
    url: str = Field(
        description="The version in MLflow's UI.",
        examples=["http://localhost:5000/#/models/bitcoin-forecaster/versions/3"],
    )
