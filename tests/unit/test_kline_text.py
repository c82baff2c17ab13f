"""An archive's text becomes the same block as its rows: read as columns where it is plain, row by row where not."""

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.bitcoin import kline_text
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.kline_rows import CandleBlock, candle_block
from mercado.bitcoin.kline_text import text_block
from mercado.errors import ImpossibleCandleError, SourceContractError

MINUTE = CandleInterval.ONE_MINUTE
MINUTE_MS = MINUTE.milliseconds
START = 1_735_689_540_000  # The minute before the archive's times become microseconds.
UNIT_CHANGES = START + MINUTE_MS
Read = Callable[..., CandleBlock]


def line(minute: int, **changes: str) -> str:
    open_ms = START + minute * MINUTE_MS
    scale = 1000 if open_ms >= UNIT_CHANGES else 1
    fields = {
        "open_time": str(open_ms * scale),
        "open": "93500.00000000",
        "high": "93600.01000000",
        "low": "93400.50000000",
        "close": "93550.10000000",
        "volume": "0.00100000",
        "close_time": str((open_ms + MINUTE_MS) * scale - 1),
        "quote_volume": "93.55010000",
        "trades": "3",
        "taker_base": "0.00000000",
        "taker_quote": "0.00000000",
        "unused": "0",
    }
    return ",".join((fields | changes).values())


def from_rows(text: bytes, **options: object) -> CandleBlock:
    rows = (row for row in csv.reader(io.StringIO(text.decode("ascii"))) if row)
    return candle_block(rows, **options)  # type: ignore[arg-type]


def outcome(read: Read, text: bytes, start_ms: int, end_ms: int) -> CandleBlock | tuple[type[Exception], str]:
    try:
        return read(text, interval=MINUTE, start_ms=start_ms, end_ms=end_ms, where="a file")
    except (SourceContractError, ImpossibleCandleError) as error:
        return type(error), str(error)


def block(*lines: str, end_ms: int = START + 10_000 * MINUTE_MS) -> CandleBlock:
    text = "".join(f"{each}\n" for each in lines).encode()
    return text_block(text, interval=MINUTE, start_ms=START, end_ms=end_ms, where="a file")


def test_decimals_are_kept_as_they_were_written_times_become_milliseconds_and_the_unused_field_goes() -> None:
    values = "93500.00000000,93600.01000000,93400.50000000,93550.10000000,0.00100000"
    others = "93.55010000,3,0.00000000,0.00000000"
    times = [(START + minute * MINUTE_MS, START + (minute + 1) * MINUTE_MS - 1) for minute in range(2)]
    expected = "".join(f"{open_ms},{values},{close_ms},{others}\n" for open_ms, close_ms in times)
    assert block(line(0), line(1)) == CandleBlock(expected.encode(), 2, times[0][0], times[1][0])


def test_plain_text_is_never_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(kline_text, "candle_block")
    assert block(*map(line, range(5000))).row_count == 5000


def test_pieces_of_any_size_make_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(minute) for minute in range(50)]
    whole = block(*lines)
    for size in (1, 100, 137, 1000):
        monkeypatch.setattr(kline_text, "_PIECE_BYTES", size)
        assert block(*lines) == whole


def test_a_repeated_row_counts_once_and_a_row_out_of_order_is_refused_across_pieces_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for size in (1, 10_000):
        monkeypatch.setattr(kline_text, "_PIECE_BYTES", size)
        assert block(line(0), line(1), line(1), line(2)).row_count == 3
        with pytest.raises(SourceContractError, match="must ascend"):
            block(line(0), line(2), line(1))


FIELD_NAMES = ("open_time", "open", "high", "low", "close", "volume", "close_time", "trades", "taker_quote", "unused")
ODD_TEXTS = (
    "", "0", "1", "-1", "+5", "1e3", ".", "5.", ".5", "1.2.3", "nan", "Infinity", '"7"', " 7", "7 ", "93550.10000000",
    "99999999.9", "0.00000000", "1735689540000", "1735689540000000", "1735689540001", "x", "1_000", "0007", "12345.67",
    "9" * 25, "9" * 400 + ".0",
)  # fmt: skip
CHANGES = st.dictionaries(st.sampled_from(FIELD_NAMES), st.sampled_from(ODD_TEXTS), min_size=1, max_size=2)
LINES = st.lists(st.tuples(st.integers(0, 8), st.one_of(st.just({}), st.just({}), CHANGES)), max_size=8)


@given(
    LINES.map(lambda lines: sorted(lines, key=lambda each: each[0])) | LINES,
    st.integers(-2, 10),
    st.integers(-2, 10),
    st.integers(0, MINUTE_MS - 1),
    st.sampled_from(["\n", "\n", "\r\n", "\n\n"]),
    st.booleans(),
    st.sampled_from([1, 150, 10_000]),
)
def test_any_text_gives_what_its_rows_give(
    lines: list[tuple[int, dict[str, str]]],
    first: int,
    behind: int,
    extra_ms: int,
    newline: str,
    ended: bool,
    piece_bytes: int,
) -> None:
    text = newline.join(line(minute, **changes) for minute, changes in lines) + (newline if ended else "")
    asked = text.encode(), START + first * MINUTE_MS, START + behind * MINUTE_MS + extra_ms
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kline_text, "_PIECE_BYTES", piece_bytes)
        assert same(outcome(text_block, *asked), outcome(from_rows, *asked))


def same(found: object, expected: object) -> bool:
    """Compare outcomes; a count such as 0007 may be written with its zeros, which PostgreSQL reads alike."""
    if isinstance(found, CandleBlock) and isinstance(expected, CandleBlock):
        rows = [list(csv.reader(io.StringIO(each.csv.decode()))) for each in (found, expected)]
        found_times, expected_times = ([(int(row[0]), int(row[6]), int(row[8])) for row in each] for each in rows)
        return vars(found) | {"csv": found_times} == vars(expected) | {"csv": expected_times} and all(
            mine[1:6] + mine[7:8] + mine[9:] == theirs[1:6] + theirs[7:8] + theirs[9:]
            for mine, theirs in zip(*rows, strict=True)
        )
    return found == expected
