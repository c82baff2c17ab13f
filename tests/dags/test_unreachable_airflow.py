"""What tasks say when Airflow itself cannot tell them a variable or a connection."""

from pathlib import Path

import pytest

from mercado.errors import ServiceUnavailableError


def test_a_connection_that_airflow_cannot_tell_is_an_unavailable_service(
    airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    from mercado_airflow.warehouse import warehouse_connection

    def absent(conn_id: str) -> None:
        raise AirflowNotFoundException(f"The conn_id `{conn_id}` isn't defined")

    monkeypatch.setattr(BaseHook, "get_connection", absent)
    told = pytest.raises(ServiceUnavailableError, match="connection postgres_sipsa cannot be read")
    with told, warehouse_connection("test"):
        pass


def test_a_variable_that_airflow_cannot_tell_is_an_unavailable_service(
    airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk import Variable
    from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
    from airflow.sdk.execution_time.comms import ErrorResponse

    from mercado_airflow.variables import variable

    def absent(key: str) -> None:
        raise AirflowRuntimeError(ErrorResponse(error=ErrorType.VARIABLE_NOT_FOUND, detail={"message": key}))

    monkeypatch.setattr(Variable, "get", absent)
    with pytest.raises(ServiceUnavailableError, match="variable sipsa_wsdl_url cannot be read"):
        variable("sipsa_wsdl_url")
