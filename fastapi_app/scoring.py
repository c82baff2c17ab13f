"""POST /predict/features: scores of ready-made feature rows, as a model server of any other kind gives them.

They belong to no candles and no instant, so they are no predictions: they have no id and are not stored.
"""

from typing import Annotated, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, FailFast, Field

from fastapi_app.faults import RefusedRequestError
from fastapi_app.model_answers import Answer, ModelReference
from fastapi_app.model_descriptions import reference
from fastapi_app.problems import Fault
from fastapi_app.served_model import ServedModel

MOST_ROWS: Final = 1000
MOST_FEATURES: Final = 1000
# Far beyond any feature, and within what float32 holds.
GREATEST: Final = 1e30

Feature = Annotated[float, Field(strict=True, ge=-GREATEST, le=GREATEST, allow_inf_nan=False)]
FeatureRow = Annotated[list[Feature], FailFast(), Field(min_length=1, max_length=MOST_FEATURES)]


class ScoringRequest(BaseModel):
    """Rows of features."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: Annotated[list[FeatureRow], FailFast(), Field(min_length=1, max_length=MOST_ROWS)] = Field(
        description=f"1 to {MOST_ROWS} rows, each with the model's features in the order of GET /model; computed in "
        "float32.",
    )


class ScoringAnswer(Answer):
    """Columns of equal length: one value for each row."""

    probability_up: list[float] = Field(description="P(log return of the horizon > 0).", examples=[[0.5312]])
    expected_log_return: list[float] = Field(description="Of the horizon.", examples=[[0.000048]])
    lower_log_return: list[float] = Field(description="Lower end of the 90 % interval.", examples=[[-0.0043]])
    upper_log_return: list[float] = Field(description="Upper end.", examples=[[0.0044]])
    unusual_share: list[float] = Field(
        description="Share of the features outside their range in training.", examples=[[0.0]]
    )
    model: ModelReference


def score(request: ScoringRequest, served: ServedModel) -> ScoringAnswer:
    """Return the scores of feature rows.

    Raises:
        RefusedRequestError: A row has not as many values as the model has features.
    """
    expected = len(served.forecaster.feature_names)
    for place, row in enumerate(request.features):
        if len(row) != expected:
            message = f"Row {place} has {len(row)} values, expected {expected}: GET /model names the features."
            raise RefusedRequestError(Fault(field="features", message=message))
    forecasts = served.forecaster.predict_features(np.array(request.features, dtype=np.float32))
    columns = {name: column.tolist() for name, column in vars(forecasts).items()}
    return ScoringAnswer(**columns, model=reference(served))
