"""What a person may choose for a training: what the settings allow, and nothing beyond."""

from typing import Any

import pytest


@pytest.fixture
def params(dags: dict[str, Any]) -> Any:
    return dags["bitcoin_training_pipeline"].params


def test_each_number_has_the_bounds_of_its_setting(params: Any) -> None:
    from mercado.settings import TrainingSettings
    from mercado_airflow.bitcoin_training import PLAN_PARAMS

    for name in PLAN_PARAMS:
        schema = params.get_param(name).schema
        bounds = {}
        for constraint in TrainingSettings.model_fields[name].metadata:
            bounds |= {"minimum": constraint.ge} if hasattr(constraint, "ge") else {"maximum": constraint.le}
        assert {each: schema[each] for each in ("minimum", "maximum") if each in schema} == bounds, name


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("workers", 17, "17 is greater than the maximum of 16"),
        ("horizon_bars", 169, "169 is greater than the maximum of"),
    ],
)
def test_a_value_beyond_the_bound_is_refused_with_the_bound(params: Any, name: str, value: int, says: str) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    params.get_param(name).resolve(value - 1)
    with pytest.raises(ParamValidationError, match=says):
        params.get_param(name).resolve(value)
