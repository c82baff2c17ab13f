"""The features: NumPy in, NumPy out, and the row that is served equals the row that was trained on, bit for bit.

An indicator that remembers its past (RSI, MACD, any EMA), and even a running sum, gives a slightly different number for
every place its array starts. So the start is fixed by the calendar, never by how much history happens to be loaded:
bars are numbered from the epoch (``open_time_ms // interval_ms``), and block ``k``, the bars from ``800 k`` to
``800 k + 799``, is always computed from bar ``800 k - 200`` on. A row is therefore a causal function of the last 201 to
1000 bars and of nothing else, whether it is computed from those alone or from the whole history, with later bars or
without.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mercado.bitcoin.grid import Grid
from mercado.bitcoin.indicators import Stretches, feature_columns
from mercado.errors import NotEnoughDataError

BLOCK_BARS: Final = 800
WARM_UP_BARS: Final = 200
FEATURE_WINDOW_BARS: Final = BLOCK_BARS + WARM_UP_BARS
# Few enough for the processor's cache, and enough to be worth NumPy's calls.
BLOCKS_AT_ONCE: Final = 17
_COLUMNS: Final = ("open_time_ms", "open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class FeatureSpec:
    """What one feature is.

    Attributes:
        name: Column name.
        formula: Its definition; O, H, L, C, V are the bar's prices and volume, r[t] = ln(C[t] / C[t-1]).
        look_back_bars: Earlier bars it needs before it has a value; indicators with memory read up to 999.
        unit: Of the value; every feature is dimensionless, this says on which scale.
    """

    name: str
    formula: str
    look_back_bars: int
    unit: str


FEATURES: Final[tuple[FeatureSpec, ...]] = (
    *(FeatureSpec(f"return_lag_{lag}", f"r[t-{lag}]", lag + 1, "log return") for lag in range(6)),
    *(FeatureSpec(f"momentum_{n}", f"ln(C[t] / C[t-{n}])", n, "log return") for n in (6, 12, 24, 72)),
    FeatureSpec("volatility_12", "standard deviation of the last 12 r", 12, "log return"),
    FeatureSpec("volatility_168", "standard deviation of the last 168 r", 168, "log return"),
    FeatureSpec("volatility_ratio", "volatility_12 / volatility_168; 0 without movement", 168, "ratio"),
    FeatureSpec("return_in_volatilities", "r[t] / volatility_168, within ±10", 168, "standard deviations"),
    FeatureSpec("rsi_14", "RSI(14) / 100", 14, "0 to 1"),
    FeatureSpec("atr_14", "ATR(14) / C", 14, "share of price"),
    FeatureSpec("adx_14", "ADX(14) / 100", 27, "0 to 1"),
    FeatureSpec("cci_20", "CCI(20) / 100", 19, "CCI's own, / 100"),
    FeatureSpec("willr_14", "Williams %R(14) / 100", 13, "-1 to 0"),
    FeatureSpec("stochastic_k", "slow stochastic %K(14, 3) / 100", 15, "0 to 1"),
    *(FeatureSpec(f"ema_distance_{n}", f"C / EMA({n}) - 1", n - 1, "share of price") for n in (10, 50)),
    FeatureSpec("macd_histogram", "histogram of MACD(12, 26, 9) / C", 33, "share of price"),
    FeatureSpec("bollinger_position", "(C - SMA(20)) / (2 deviations), within ±5", 19, "half band widths"),
    FeatureSpec("volume_z_48", "(V - SMA(V, 48)) / deviation(V, 48), within ±10", 47, "standard deviations"),
    FeatureSpec("mfi_14", "MFI(14) / 100; 0 when nothing was traded", 14, "0 to 1"),
    FeatureSpec("candle_body", "(C - O) / (H - L); 0 when H = L", 0, "-1 to 1"),
    FeatureSpec("close_location", "((C - L) - (H - C)) / (H - L); 0 when H = L", 0, "-1 to 1"),
    FeatureSpec("hour_sin", "sin(2π · UTC hour of opening / 24)", 0, "-1 to 1"),
    FeatureSpec("hour_cos", "cos(2π · UTC hour of opening / 24)", 0, "-1 to 1"),
    FeatureSpec("day_sin", "sin(2π · weekday / 7), Monday = 0", 0, "-1 to 1"),
    FeatureSpec("day_cos", "cos(2π · weekday / 7), Monday = 0", 0, "-1 to 1"),
)
FEATURE_NAMES: Final = tuple(spec.name for spec in FEATURES)
_PLACES: Final = {name: place for place, name in enumerate(FEATURE_NAMES)}
LOOK_BACK_BARS: Final = max(spec.look_back_bars for spec in FEATURES)
"""No row is learned from when one of so many bars before it is missing. Indicators with memory read further back, but
give the bars beyond it less than 0.2 % of the weight (EMA 50, the slowest)."""


def feature_matrix(grid: Grid) -> NDArray[np.float32]:
    """Return the features of every bar, as known when the bar closes.

    Args:
        grid: Any number of bars of any interval.

    Returns:
        Shape ``(n, len(FEATURES))``, columns in the order of `FEATURES`. Rows of a block whose 200 bars of warm-up are
        not all in ``grid`` (the first 200 to 999) are NaN; all others are finite.
    """
    matrix = np.empty((len(grid), len(FEATURES)), dtype=np.float32)
    first_row = -(grid.first_bar + WARM_UP_BARS) % BLOCK_BARS + WARM_UP_BARS
    matrix[:first_row] = np.nan
    blocks, bars_left = divmod(max(0, len(grid) - first_row), BLOCK_BARS)
    rows = matrix[first_row:]
    if blocks:
        stretches = _stretches(grid, first_row=first_row, bars=BLOCK_BARS)
        for block in range(0, blocks, BLOCKS_AT_ONCE):
            some = stretches[block : block + BLOCKS_AT_ONCE]
            _compute(some, into=rows[block * BLOCK_BARS :][: len(some) * BLOCK_BARS])
    if bars_left:
        last = _stretches(grid, first_row=len(grid) - bars_left, bars=bars_left)
        _compute(last, into=rows[blocks * BLOCK_BARS :])
    return matrix


def latest_features(grid: Grid) -> NDArray[np.float32]:
    """Return the features of the last bar, equal bit for bit to the last row of `feature_matrix`.

    Only the block that the bar belongs to is computed.

    Args:
        grid: At least 1000 bars; the earlier ones are not read.

    Returns:
        Shape ``(len(FEATURES),)``.

    Raises:
        NotEnoughDataError: Fewer than 1000 bars.
    """
    if len(grid) < FEATURE_WINDOW_BARS:
        message = f"A forecast needs the last {FEATURE_WINDOW_BARS} bars, got {len(grid)}: give more history."
        raise NotEnoughDataError(message)
    bars = (grid.first_bar + len(grid) - 1) % BLOCK_BARS + 1
    latest = np.empty((1, len(FEATURES)), dtype=np.float32)
    _compute(_stretches(grid, first_row=len(grid) - bars, bars=bars), into=latest)
    row: NDArray[np.float32] = latest[0]
    return row


def _stretches(grid: Grid, *, first_row: int, bars: int) -> Stretches:
    """Return the blocks of ``bars`` bars from ``first_row`` on, as many as there are, each behind its warm-up."""

    def stretched(values: NDArray[Any]) -> NDArray[Any]:
        behind = values[first_row - WARM_UP_BARS :]
        one = len(behind) == WARM_UP_BARS + bars
        return behind[np.newaxis] if one else sliding_window_view(behind, WARM_UP_BARS + bars)[::bars]

    return Stretches(*(stretched(getattr(grid.series, name)) for name in _COLUMNS))


def _compute(stretches: Stretches, *, into: NDArray[np.float32]) -> None:
    """Compute the last rows of each stretch, as many as ``into`` has room for."""
    rows = len(into) // len(stretches)
    skip = stretches.close.shape[1] - rows
    # By way of whole columns: to fill every 32nd place of the rows, one column after the other, takes twice as long.
    whole = np.empty((len(FEATURES), len(stretches), rows), dtype=np.float32)
    for name, column in feature_columns(stretches, warm_up_bars=WARM_UP_BARS, skip=skip):
        whole[_PLACES[name]] = column
    into[:] = whole.reshape(len(FEATURES), -1).T
