"""Airflow's variables, as tasks read them."""

from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowRuntimeError

from mercado.errors import ServiceUnavailableError


def variable(key: str) -> str:
    """Return the value of a variable of Airflow.

    Raises:
        ServiceUnavailableError: It is not there. Airflow says the same while its database does not answer, so it is
            tried again.
    """
    try:
        return str(Variable.get(key))
    except AirflowRuntimeError as error:
        raise ServiceUnavailableError(
            f"Airflow's variable {key} cannot be read: its database does not answer (it is tried again), or the "
            f"variable was deleted (the next start of the platform makes it again; Admin > Variables shows it)."
        ) from error
