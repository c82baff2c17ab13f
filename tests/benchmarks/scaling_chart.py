"""``docs/benchmarks/scaling.svg``, drawn from the recorded figures; a test compares."""

import io
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from mercado.bitcoin.report.chart_style import BAD, GRID, INK, MODEL, MUTED, NAIVE, PAPER, RIVAL

LINES = ((MODEL, "o"), (RIVAL, "s"), (NAIVE, "^"), (BAD, "D"), (INK, "v"))
INCHES = (9.6, 4.2)


def scaling_svg(figures: dict[str, Any]) -> bytes:
    """Return the plot: time and memory by the number of rows, both axes logarithmic; equal figures, equal bytes."""
    # Letters stay letters: as outlines they would be as many bytes again.
    with mpl.rc_context({"svg.hashsalt": "scaling", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=INCHES, facecolor=PAPER, layout="constrained")
        time, memory = figure.subplots(1, 2)
        _draw(time, figures, "seconds", "seconds")
        _draw(memory, figures, "peak_mb", "peak memory, MB")
        rows = [min(each["rows"]) for each in figures["growth"].values()]
        _draw_linear(time, min(rows))
        memory.set_ylim(10, 1000)
        time.legend(frameon=False, fontsize=8)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()


def _draw(axes: Axes, figures: dict[str, Any], column: str, label: str) -> None:
    for (name, each), (colour, marker) in zip(figures["growth"].items(), LINES, strict=True):
        axes.plot(each["rows"], each[column], color=colour, marker=marker, markersize=5, linewidth=1.6, label=name)
    axes.set(xscale="log", yscale="log", xlabel="rows")
    axes.set_title(label, loc="left", fontsize=10, color=INK)
    axes.grid(color=GRID)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axis.set_minor_formatter(NullFormatter())


def _draw_linear(axes: Axes, rows: float) -> None:
    low, high = axes.get_ylim()
    left, right = axes.get_xlim()
    axes.plot([rows, rows * 1000], [low, low * 1000], color=MUTED, linestyle=":", linewidth=1, label="linear")
    axes.set(xlim=(left, right), ylim=(low, high))
