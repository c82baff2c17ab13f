"""How every chart looks, and how it becomes an image: a PNG for MLflow, an SVG that follows the reader's theme.

Only matplotlib's object-oriented interface is used: no display, no current figure, no style that one chart sets for
another. Colours are told apart without red and green, and no line or mark is told apart by its colour alone.
"""

import base64
import io
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

PAPER: Final = "#ffffff"
INK: Final = "#1f2328"
MUTED: Final = "#667080"
GRID: Final = "#dfe3e8"
MODEL: Final = "#0072b2"
RIVAL: Final = "#a8487f"
NAIVE: Final = "#00845f"
BAD: Final = "#c44e00"
BAND: Final = "#d9ebf7"

_DARK: Final[Mapping[str, str]] = MappingProxyType(
    {
        PAPER: "#171b21",
        INK: "#e4e8ee",
        MUTED: "#9aa4b2",
        GRID: "#343b45",
        MODEL: "#58b1ea",
        RIVAL: "#e08fc0",
        NAIVE: "#35c79b",
        BAD: "#ff9248",
        BAND: "#1d3344",
    }
)
_COLOUR_IN_STYLE: Final = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
_BELOW_HUNDREDTHS: Final = re.compile(r"(?<=\d\d\.\d\d)\d+")  # of a point; a third of the file
_WIDTH_INCHES: Final = 9.0
_PNG_DOTS_PER_INCH: Final = 130
_LEGEND: Final[Mapping[str, Any]] = MappingProxyType(
    {"fontsize": 8.5, "facecolor": PAPER, "edgecolor": GRID, "labelcolor": INK}
)


def sheet(title: str, *, height_inches: float = 4.0) -> Figure:
    """Return an empty figure with its title; axes lay themselves out so that no label is cut off."""
    figure = Figure(figsize=(_WIDTH_INCHES, height_inches), layout="constrained", facecolor=PAPER)
    figure.suptitle(title, x=0.012, ha="left", fontsize=11.5, fontweight="bold", color=INK, parse_math=False)
    return figure


def frame(axes: Axes, *, x: str = "", y: str = "", title: str = "") -> None:
    """Give axes the house's look, and labels that name the quantity and its unit."""
    axes.set_facecolor(PAPER)
    axes.set_axisbelow(True)
    axes.grid(color=GRID, linewidth=0.7)
    axes.tick_params(colors=MUTED, labelsize=8.5)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(MUTED)
    axes.set_xlabel(x, color=INK, fontsize=9)
    axes.set_ylabel(y, color=INK, fontsize=9)
    axes.set_title(title, loc="left", color=INK, fontsize=9.5)


def time_axis(axes: Axes, first: float, last: float) -> None:
    """Let the x axis show UTC dates.

    Args:
        axes: Whose x values come from `days`.
        first: Where it begins, in days since the epoch.
        last: Where it ends, > ``first``.
    """
    locator = AutoDateLocator(minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.xaxis.get_offset_text().set_color(MUTED)
    axes.set_xlim(first, last)


def legend(axes: Axes, *, place: Literal["best", "upper left", "lower left"] = "best") -> None:
    """Name the labelled lines and marks inside the axes, by default where they cover least."""
    axes.legend(loc=place, **_LEGEND)


def legend_below(figure: Figure, *, columns: int) -> None:
    """Name the labelled lines and marks below the axes, where they cover nothing."""
    figure.legend(loc="outside lower left", ncols=columns, **_LEGEND)


def note(axes: Axes, text: str, *, x: float = 0.5, y: float = 0.5, colour: str = MUTED, align: str = "center") -> None:
    """Write text into axes; places are shares of their width and height."""
    axes.text(x, y, text, transform=axes.transAxes, ha=align, va="center", fontsize=9, color=colour, parse_math=False)


def days(time_ms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return milliseconds since the epoch, UTC, as matplotlib's days."""
    return _days(time_ms.astype("datetime64[ms]"))


def month_edges(time_ms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return where each month that has rows begins and ends, shape ``(months, 2)``, as matplotlib's days."""
    months = np.unique(time_ms.astype("datetime64[ms]").astype("datetime64[M]"))
    return _days(np.stack([months, months + 1], axis=1))


def in_percent(*axes: Axis) -> None:
    """Write shares as percent; the label names the unit."""
    for axis in axes:
        axis.set_major_formatter(PercentFormatter(1, symbol=""))


def zero_line(axes: Axes, meaning: str) -> None:
    """Draw a line at 0 and say what it stands for."""
    axes.axhline(0, color=INK, linewidth=1)
    axes.annotate(
        meaning,
        (1, 0),
        (-3, 6),
        ("axes fraction", "data"),
        "offset points",
        ha="right",
        fontsize=8.5,
        color=INK,
        zorder=1.5,  # below what is measured
        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def title_of(figure: Figure) -> str:
    """Return the title that `sheet` was given."""
    return figure.get_suptitle()


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG, in the light colours."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_PNG_DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()


def svg(figure: Figure) -> str:
    """Return a figure as an SVG whose colours follow the reader's light or dark theme."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawing = buffer.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    head, separator, rest = drawing.partition(">")
    return head + separator + _THEMES + _COLOUR_IN_STYLE.sub(_variable, _BELOW_HUNDREDTHS.sub("", rest))


def data_address(figure: Figure) -> str:
    """Return a figure as an address that holds the image itself, for an ``img`` element."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg(figure).encode()).decode()


def _days(times: NDArray[np.datetime64]) -> NDArray[np.float64]:
    return np.asarray(date2num(times), dtype=np.float64)  # type: ignore[no-untyped-call]


def _variable(colour: re.Match[str]) -> str:
    return f"var(--{_name(colour.group())})" if colour.group() in _DARK else colour.group()


def _name(colour: str) -> str:
    return "c" + colour.removeprefix("#")


def _declarations(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{_name(light)}:{shown}" for light, shown in colours.items())


_THEMES: Final = (
    f"<style>svg{{{_declarations({light: light for light in _DARK})}}}"
    f"@media (prefers-color-scheme: dark){{svg{{{_declarations(_DARK)}}}}}</style>"
)
