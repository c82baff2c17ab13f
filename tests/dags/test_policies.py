"""Tasks are tried again by what their error means."""

from pathlib import Path

import pytest

from mercado.errors import (
    ImpossibleCandleError,
    MercadoError,
    NotEnoughDataError,
    ServiceUnavailableError,
    SourceContractError,
    SourceForbiddenError,
    SourceUnavailableError,
)


def action(error: Exception) -> str:
    from mercado_airflow.policies import RETRY_BY_ERROR

    return RETRY_BY_ERROR.evaluate(error, try_number=1, max_tries=4).action.name


@pytest.mark.parametrize("error", [SourceUnavailableError, ServiceUnavailableError])
def test_what_may_pass_by_itself_is_tried_again(error: type[MercadoError], airflow_home: Path) -> None:
    assert action(error("later")) == "RETRY"


@pytest.mark.parametrize(
    "error", [SourceForbiddenError, SourceContractError, ImpossibleCandleError, NotEnoughDataError]
)
def test_what_a_person_must_mend_fails_at_once(error: type[MercadoError], airflow_home: Path) -> None:
    assert action(error("now")) == "FAIL"


def test_an_error_nobody_planned_follows_the_tasks_own_retries(airflow_home: Path) -> None:
    assert action(RuntimeError("?")) == "DEFAULT"
