"""The training's part of the page: where the time went, how good the model is, whether it repeats, who helps."""

from collections.abc import Iterable
from typing import Any

from tests.benchmarks.targets import is_met
from tests.benchmarks.training_figures import QUALITY


def training_section(figures: dict[str, Any]) -> str:
    """Return the section of a recorded training."""
    parts = (_time(figures), _quality(figures), _repeated(figures["repeated"]), _sharing(figures["sharing"]))
    return "\n## Training\n\n" + "\n".join(parts)


def _time(figures: dict[str, Any]) -> str:
    ours, target = figures["ours"], figures["target"]["seconds"]
    met = "met" if is_met(ours["seconds"], target) else "**not met**"
    threads = figures["plan"]["threads"]
    return (
        f"{figures['what']} (`{figures['command']}`, {figures['date']}): {ours['seconds']} s and {ours['peak_mb']:.0f} "
        f"MB in one process of {threads} threads, on a PostgreSQL and an MLflow server of its own; target {target} s, "
        f"{met}.\n\n" + _table(("step", "seconds"), figures["phases"].items())
    )


def _quality(figures: dict[str, Any]) -> str:
    hours, days = figures["quality"], figures["daily"]["quality"]
    rows = [
        (words, _number(hours[name]), target or "", _answer(hours[name], target), _number(days.get(name)))
        for name, (words, target) in QUALITY.items()
    ]
    head = ("on the untouched block", "hours", "target", "met", "days")
    return (
        _table(head, rows)
        + f"\n- Hours: {_verdict(figures)}\n- Days ({figures['daily']['what']}): "
        + (f"{_verdict(figures['daily'])}\n")
    )


def _repeated(repeated: dict[str, Any]) -> str:
    return (
        f"Walked again in another process, {repeated['metrics_compared']} metrics are equal to the last bit: "
        f"{_yes(repeated['metrics_equal'])}. A second study's {repeated['trials_compared']} trials are equal, "
        f"parameters and log-losses: {_yes(repeated['trials_equal'])}.\n"
    )


def _sharing(sharing: dict[str, Any]) -> str:
    rows = [(name, *figures.values()) for name, figures in sharing["workers"].items()]
    gains = "".join(f"- Gain {name}: {gain}\n" for name, gain in sharing["gain"].items())
    head = ("one study on the same rows", "seconds", "trials judged", "mean seconds a trial")
    return (
        _table(head, rows) + f"\n{gains}\nBest of {sharing['rounds']} interleaved rounds, {sharing['trials']} trials "
        "wanted. Seconds include each worker's start of Python and its reading of candles; two workers that end at the "
        "same time judge one trial more, and share two cores with PostgreSQL and MLflow, which log every trial.\n"
    )


def _verdict(figures: dict[str, Any]) -> str:
    verdict = figures["verdict"]
    return f"{'promoted' if verdict['promoted'] else 'not promoted'}. {verdict['reason']}"


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [tuple(head)]
    lines += [("---",) * len(lines[0]), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.5g}"


def _answer(value: float, target: str | None) -> str:
    return _yes(is_met(value, target)) if target else ""


def _yes(fact: bool) -> str:
    return "yes" if fact else "**no**"
