"""PostgreSQL itself: version, clock, zone, databases, roles, sessions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
from pydantic import SecretStr

from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.sessions import connect_briefly, role_urls, superuser_url
from mercado.doctor.target import ANSWER_SECONDS, Target
from mercado.errors import ServiceUnavailableError
from mercado.warehouse.schema import LOWEST_SERVER_VERSION

MOST_SESSIONS_SHARE = 0.8
LONG_TRANSACTION = timedelta(hours=1)
CLOCK_TOLERANCE = timedelta(seconds=5)
SESSIONS = """
    select count(*), current_setting('max_connections')::int from pg_stat_activity where backend_type = 'client backend'
"""
LONG_TRANSACTIONS = """
    select usename, application_name, state, now() - xact_start from pg_stat_activity
    where xact_start < now() - %s and backend_type = 'client backend' order by xact_start
"""


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the server; when it does not answer, that is all."""
    values = target.platform.values
    yield databases_finding(target.platform.database_names)
    remedy = f"{target.start}; {target.log('postgres')}"
    url = superuser_url(target.platform)
    try:
        with connect_briefly(url) as connection:
            yield Finding("database.answers", Severity.OK, "PostgreSQL", "answers")
            yield version_finding(connection.info.server_version)
            yield zone_finding(url)
            yield clock_finding(connection)
            yield sessions_finding(connection)
            yield transactions_finding(connection)
        yield roles_finding(role_urls(target.platform), start=target.start)
    except ServiceUnavailableError as error:
        detail = _without_advice(error)
        if "password authentication failed" in detail:
            remedy = f"POSTGRES_PASSWORD in {target.platform.settings_file} must stay what the cluster was made with"
        yield Finding("database.answers", Severity.FAULT, f"PostgreSQL as {values['POSTGRES_USER']}", detail, remedy)


def databases_finding(names: Mapping[str, str]) -> Finding:
    """Return whether each program has a database of its own; each keeps an ``alembic_version`` there."""
    owners: dict[str, list[str]] = {}
    for role, name in names.items():
        owners.setdefault(name, []).append(role)
    problems = [f"{' and '.join(roles)} share {name}" for name, roles in owners.items() if len(roles) > 1]
    remedy = "Give each POSTGRES_DB_… a name of its own in the settings"
    return judged("database.distinct", "databases", problems, healthy=", ".join(names.values()), remedy=remedy)


def roles_finding(urls: Mapping[str, SecretStr], *, start: str) -> Finding:
    """Return whether every role can log in with its password in the settings.

    Args:
        urls: By role.
        start: The command that sets the passwords anew.
    """
    with ThreadPoolExecutor(max_workers=len(urls)) as pool:
        problems = [problem for problem in pool.map(_log_in_problem, urls, urls.values()) if problem]
    healthy = f"{', '.join(urls)} log in"
    return judged("database.roles", "database roles", problems, healthy=healthy, remedy=f"{start}, which sets them")


def _log_in_problem(role: str, url: SecretStr) -> str:
    try:
        with connect_briefly(url):
            return ""
    except ServiceUnavailableError as error:
        return f"{role}: {_without_advice(error)}"


def version_finding(server_version: int) -> Finding:
    """Return whether the server is one that the schema can live on.

    Args:
        server_version: As libpq states it, such as 180001.
    """
    major, minor = server_version // 10_000, server_version % 10_000
    problems = [] if server_version >= LOWEST_SERVER_VERSION else [f"{major} is too old: 16 or newer is needed"]
    return judged(
        "database.version", "server version", problems, healthy=f"{major}.{minor}", remedy="Use PostgreSQL 18"
    )


def zone_finding(url: SecretStr) -> Finding:
    """Return whether a session that states no time zone is in UTC; Mercado's own state it, other programs do not."""
    with psycopg.connect(url.get_secret_value(), connect_timeout=ANSWER_SECONDS) as connection:
        row = connection.execute("show timezone").fetchone()
    zone = row[0] if row else "unknown"
    problems = [] if zone in ("UTC", "Etc/UTC", "GMT") else [f"a session's time zone is {zone}"]
    remedy = "alter system set timezone = 'UTC'; select pg_reload_conf(); and see alter role … set timezone"
    return judged("database.zone", "time zone", problems, healthy="UTC", remedy=remedy, severity=Severity.WARNING)


def clock_finding(
    connection: psycopg.Connection, *, now: Callable[[], datetime] | None = None, tolerance: timedelta = CLOCK_TOLERANCE
) -> Finding:
    """Return whether the server's clock agrees with this machine's.

    Args:
        connection: Open.
        now: This machine's clock, UTC; default: the system's.
        tolerance: How far they may differ.
    """
    clock = now or (lambda: datetime.now(UTC))
    before = clock()
    row = connection.execute("select clock_timestamp()").fetchone()
    after = clock()
    assert row is not None  # noqa: S101  a select without a table always answers
    offset = row[0] - (before + (after - before) / 2)
    problems = [f"PostgreSQL is {offset.total_seconds():+,.0f} s off"] if abs(offset) > tolerance else []
    remedy = "timedatectl set-ntp true, on this machine and on the database's"
    return judged("database.clock", "clocks", problems, healthy="agree", remedy=remedy)


def sessions_finding(connection: psycopg.Connection, *, greatest_share: float = MOST_SESSIONS_SHARE) -> Finding:
    """Return whether there is room for more sessions."""
    row = connection.execute(SESSIONS).fetchone()
    assert row is not None  # noqa: S101  an aggregate always answers
    count, most = row
    problems = [f"{count} of {most} sessions are open"] if count > greatest_share * most else []
    remedy = "See who holds them: select usename, application_name, state from pg_stat_activity; raise max_connections"
    return judged(
        "database.sessions",
        "sessions",
        problems,
        healthy=f"{count} of {most}",
        remedy=remedy,
        severity=Severity.WARNING,
    )


def transactions_finding(connection: psycopg.Connection, *, longest: timedelta = LONG_TRANSACTION) -> Finding:
    """Return whether no transaction, at work or idle, has been open for too long: it keeps dead rows and locks."""
    rows: Sequence[tuple[str, str, str, timedelta]] = connection.execute(LONG_TRANSACTIONS, (longest,)).fetchall()
    problems = [
        f"{user} ({application or 'no name'}) is {state} for {age.total_seconds() / 60:,.0f} min"
        for user, application, state, age in rows
    ]
    remedy = "select pg_terminate_backend(pid) from pg_stat_activity where xact_start < now() - interval '1 hour'"
    return judged(
        "database.transactions",
        "transactions",
        problems,
        healthy="none open for an hour",
        remedy=remedy,
        severity=Severity.WARNING,
    )


def _without_advice(error: ServiceUnavailableError) -> str:
    """Return an error's text without its advice to ask the doctor, who is speaking."""
    return str(error).removesuffix(" Is the platform up? `mercado doctor`")
