"""Candles, a forecast, and how good forecasts were, for a terminal, from the rows that `mercado.marts` returns."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table

from mercado.bitcoin.candles import CandleInterval
from mercado.marts.paging import Row
from mercado.sparkline import sparkline
from mercado.tables import add_row, table

SPARKLINE_WIDTH = 60


def candles_table(rows: Sequence[Row]) -> Table:
    """Return a line per candle, as ordered.

    Args:
        rows: Of `mercado.marts.candles.read_candle_rows`.
    """
    numbers = ("open", "high", "low", "close", "in the candle", "volume", "trades")
    made = table("opens (UTC)", *numbers, "load", right=(*numbers, "load"))
    for row in rows:
        prices = (row["open_price"], row["high_price"], row["low_price"], row["close_price"])
        add_row(
            made,
            minute(row["open_time_utc"]),
            *(f"{price:,.2f}" for price in prices),
            f"{row['close_price'] / row['open_price'] - 1:+.2%}",
            f"{row['base_volume']:,.1f}",
            f"{row['trade_count']:,}",
            str(row["load_id"]),
        )
    return made


def course_lines(rows: Sequence[Row], interval: CandleInterval, *, ascii_only: bool) -> list[str]:
    """Return close and volume as sparklines over the time that the candles span; a missing candle is a space.

    Args:
        rows: Newest first, at least one.
        interval: Of the candles.
        ascii_only: Draw with ASCII characters.
    """
    by_time = {row["open_time_utc"]: row for row in rows}
    oldest, step = rows[-1]["open_time_utc"], timedelta(milliseconds=interval.milliseconds)
    length = (rows[0]["open_time_utc"] - oldest) // step + 1
    on_grid = [by_time.get(oldest + place * step) for place in range(length)]
    closes, volumes = (
        [float(row[name]) if row else None for row in on_grid] for name in ("close_price", "base_volume")
    )
    least, most = (f"{choose(row['close_price'] for row in rows):,.2f}" for choose in (min, max))
    return [
        f"close   {sparkline(closes, width=SPARKLINE_WIDTH, ascii_only=ascii_only)}  {least} to {most}",
        f"volume  {sparkline(volumes, width=SPARKLINE_WIDTH, ascii_only=ascii_only)}  {len(rows)} candles",
    ]


def gap_lines(rows: Sequence[Row]) -> list[str]:
    """Return how many candles are missing, and the newest gap; rows of `mercado.marts.candles.read_gaps`."""
    if not rows:
        return ["Gaps: none."]
    newest, missing = rows[0], sum(row["missing_count"] for row in rows)
    first, last = minute(newest["first_missing_open_time_utc"]), minute(newest["last_missing_open_time_utc"])
    return [f"Gaps: {len(rows)} with {missing} candles; the newest from {first} to {last} ({newest['kind']})."]


def forecast_lines(row: Row) -> list[str]:
    """Return a stored forecast; a row of `mercado.marts.forecasts.read_forecasts`."""
    outcome = "" if row["actual_close"] is None else f"; came true: {row['actual_close']:,.2f}"
    return [
        f"Forecast of version {row['model_version']} for {minute(row['target_close_utc'])}, made from candles up to "
        f"{minute(row['as_of_utc'])}: {row['direction']}, P(up) {row['probability_up']:.3f}",
        f"  {row['forecast_price']:,.2f} after {row['last_close']:,.2f}, {row['interval_coverage']:.0%} between "
        f"{row['lower_price']:,.2f} and {row['upper_price']:,.2f}{outcome}; id {row['prediction_id']}",
    ]


def skill_lines(look: Row) -> list[str]:
    """Return the verdict of a look at the champion and its live hit rates; a row of `read_monitoring`."""
    found = [_hit_rate(each) for each in look["figures"] if (each["kind"], each["figure"]) == ("live", "hit_rate")]
    return [
        f"Looked at on {minute(look['monitored_at_utc'])}: version {look['model_version']} is {look['verdict']}; "
        f"retraining {look['retraining'].replace('_', ' ')}",
        *(found or ["  live hit rate: no forecast was judged yet"]),
    ]


def minute(instant: datetime) -> str:
    """Return an instant in UTC to the minute."""
    return f"{instant:%Y-%m-%d %H:%M}"


def _hit_rate(figure: dict[str, Any]) -> str:
    where = f"  live hit rate of version {figure['model_version']} in {figure['window_days']} days: "
    if figure["value"] is None:
        return f"{where}unknown, {figure['row_count']} forecasts can be judged"
    return (
        f"{where}{figure['value']:.1%} [{figure['low']:.1%}, {figure['high']:.1%}] of {figure['row_count']} forecasts"
    )
