"""Kline rows become staging lines: closed candles only, units told by size, impossible candles named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.kline_rows import CandleBlock, KlineRow, candle_block
from mercado.errors import ImpossibleCandleError, SourceContractError

HOUR = CandleInterval.ONE_HOUR
HOUR_MS = HOUR.milliseconds
START = 1_700_002_800_000


def row(position: int = 0, **changes: str | int) -> KlineRow:
    open_ms = START + position * HOUR_MS
    fields: dict[str, str | int] = {
        "open_time": open_ms,
        "open": "100.0",
        "high": "110.0",
        "low": "90.0",
        "close": "105.0",
        "volume": "12.5",
        "close_time": open_ms + HOUR_MS - 1,
        "quote_volume": "1300.25",
        "trades": 7,
        "taker_base": "6.0",
        "taker_quote": "640.0",
        "unused": "0",
    }
    return list((fields | changes).values())


def block(*rows: KlineRow, start_ms: int = START, end_ms: int = START + 100 * HOUR_MS) -> CandleBlock:
    return candle_block(rows, interval=HOUR, start_ms=start_ms, end_ms=end_ms, where="a test")


def test_a_row_keeps_its_decimals_as_they_were_written() -> None:
    line = block(row()).csv.decode()
    assert line == f"{START},100.0,110.0,90.0,105.0,12.5,{START + HOUR_MS - 1},1300.25,7,6.0,640.0\n"


@given(hours=st.integers(0, 20), extra_ms=st.integers(0, HOUR_MS - 1))
def test_a_candle_counts_exactly_when_open_time_plus_interval_is_not_after_the_servers_time(
    hours: int, extra_ms: int
) -> None:
    end_ms = START + hours * HOUR_MS + extra_ms
    assert block(*(row(position) for position in range(21)), end_ms=end_ms).row_count == hours


def test_microseconds_are_told_by_their_size() -> None:
    in_microseconds = row(open_time=START * 1000, close_time=(START + HOUR_MS) * 1000 - 1)
    assert block(in_microseconds).csv == block(row()).csv


def test_a_truncated_close_time_after_an_outage_is_kept() -> None:
    assert str(START + 1_694_788) in block(row(close_time=START + 1_694_788)).csv.decode()


def test_a_bar_without_trades_is_possible() -> None:
    flat = dict.fromkeys(("open", "high", "low", "close"), "100")
    assert block(row(**flat, volume="0", quote_volume="0", trades=0, taker_base="0", taker_quote="0")).row_count == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"low": "106.0"},
        {"high": "104.0"},
        {"low": "0"},
        {"close": "-1"},
        {"high": "Infinity"},
        {"open": "nan"},
        {"volume": "-0.1"},
        {"volume": "nan"},
        {"quote_volume": "Infinity"},
        {"taker_base": "nan"},
        {"trades": -1},
        {"close_time": START},
        {"open_time": START + 1},
    ],
)
def test_an_impossible_candle_is_refused_and_named(changes: dict[str, str | int]) -> None:
    with pytest.raises(ImpossibleCandleError, match=r"a test: the candle that opens at \d+ ms is impossible"):
        block(row(**changes))


@pytest.mark.parametrize("bad", [[1, 2, 3], [*row(), "13th"], row(open="abc"), row(volume=""), row(trades="many"), []])
def test_a_row_of_another_shape_is_a_broken_contract(bad: KlineRow) -> None:
    with pytest.raises(SourceContractError, match="expected a row of 12 numbers"):
        block(bad)


def test_an_equal_row_twice_counts_once_and_a_different_one_is_refused() -> None:
    assert block(row(), row()).row_count == 1
    with pytest.raises(SourceContractError, match="must ascend"):
        block(row(), row(close="106.0"))


def test_rows_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(SourceContractError, match="must ascend"):
        block(row(1), row(0))


def test_no_rows_make_an_empty_block() -> None:
    assert block() == CandleBlock(b"", 0, None, None)
