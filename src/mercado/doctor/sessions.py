"""Short sessions with PostgreSQL, as each role of the platform."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from pydantic import SecretStr

from mercado.doctor.target import ANSWER_SECONDS
from mercado.environment import ROLE_PASSWORDS
from mercado.local.platform import Platform
from mercado.settings import postgres_url
from mercado.warehouse.connection import session_arguments, warehouse_errors

APPLICATION = "mercado doctor"
# PostgreSQL puts the second in which a cluster was made into the upper half of its identifier (xlog.c).
CLUSTER_MADE = "select to_timestamp(system_identifier >> 32) from pg_control_system()"


@contextmanager
def connect_briefly(url: SecretStr) -> Iterator[psycopg.Connection]:
    """Yield a session that waits for nothing longer than a check may take.

    Raises:
        ServiceUnavailableError: The server does not answer in time, or refuses the log-in.
    """
    arguments = session_arguments(APPLICATION) | {"connect_timeout": ANSWER_SECONDS}
    arguments["options"] += f" -c statement_timeout={ANSWER_SECONDS}s"
    with warehouse_errors(url), psycopg.connect(url.get_secret_value(), **arguments) as connection:
        yield connection


def superuser_url(platform: Platform) -> SecretStr:
    """Return the URL with which the superuser reaches the server."""
    return _url(platform, platform.values["POSTGRES_USER"], "POSTGRES_PASSWORD", "postgres")


def role_urls(platform: Platform) -> dict[str, SecretStr]:
    """Return by role the URL with which it logs in: the owner of a database to it, the readers to the warehouse."""
    roles = {name.lower().removesuffix("_password").removesuffix("_db"): name for name in ROLE_PASSWORDS}
    names = platform.database_names
    return {role: _url(platform, role, name, names.get(role, names["warehouse"])) for role, name in roles.items()}


def cluster_made_at(platform: Platform) -> datetime:
    """Return when the platform's PostgreSQL was made, UTC: what was not due since is not missed."""
    with connect_briefly(superuser_url(platform)) as connection:
        row = connection.execute(CLUSTER_MADE).fetchone()
    assert row is not None  # noqa: S101  the function always answers
    made: datetime = row[0]
    return made


def _url(platform: Platform, user: str, password: str, database: str) -> SecretStr:
    stated = SecretStr(platform.values.get(password, ""))
    return postgres_url(user=user, password=stated, port=platform.ports.postgres, database=database)
