"""``mercado bitcoin show`` on a real warehouse, with no MLflow that answers."""

import os

import pytest

from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.commands import run_mercado
from tests.conftest import DatabaseServer

Environment = dict[str, str]
NOWHERE = "http://127.0.0.1:1"
HOURS = 30
INSERT = """
    insert into market_data.klines
    select 'BTCUSDT', '1h', '2026-11-01'::timestamptz + hour * interval '1 hour', 100 + hour, 102 + hour, 99 + hour,
        101 + hour, 5, '2026-11-01'::timestamptz + (hour + 1) * interval '1 hour' - interval '1 ms', 500, 10, 2, 200, 1
    from generate_series(0, %s) as hour
    where hour <> 25
"""


@pytest.fixture(scope="module")
def environment(database_server: DatabaseServer) -> Environment:
    """The environment of a warehouse whose 26th hourly candle of 30 is missing."""
    url = database_server.create_database("candles_for_the_command_line")
    migrate(url)
    with connect(url, application="tests") as connection:
        connection.execute(INSERT, (HOURS - 1,))
    settings = {"MERCADO_WAREHOUSE_URL": url.get_secret_value(), "MLFLOW_TRACKING_URI": NOWHERE}
    return os.environ | {"MERCADO_ENV_FILE": os.devnull} | settings


def test_the_newest_candles_are_shown_and_what_is_not_known_is_said(environment: Environment) -> None:
    shown = run_mercado(environment, "bitcoin", "show", "--candles", "3")
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    candles = [line.split() for line in lines if line.lstrip().startswith("2026-11-0")]
    assert [candle[1] for candle in candles] == ["05:00", "04:00", "03:00"]
    assert candles[0][2:6] == ["129.00", "131.00", "128.00", "130.00"]
    assert "Forecast: none is stored yet." in lines
    assert [line for line in lines if line.startswith("Champion: unknown. MLflow at http://127.0.0.1:1")]


def test_a_missing_candle_is_a_gap_in_the_course(environment: Environment) -> None:
    lines = run_mercado(environment, "bitcoin", "show").stdout.splitlines()
    (course,) = [line for line in lines if line.startswith("close ")]
    drawn = course.removeprefix("close   ")[:HOURS]
    assert [place for place, character in enumerate(drawn) if character == " "] == [25]


def test_without_candles_it_says_what_to_run(environment: Environment) -> None:
    refused = run_mercado(environment, "bitcoin", "show", "--symbol", "ETHUSDT")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "run `mercado bitcoin download --symbol ETHUSDT --interval 1h`" in refused.stderr
