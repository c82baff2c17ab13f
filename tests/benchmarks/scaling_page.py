"""The scaling's part of the page: costs by the number of rows, and what another worker or replica gains."""

from typing import Any

from tests.benchmarks.targets import is_met

IMAGE = "![Time and peak memory by the number of rows](benchmarks/scaling.svg)"


def scaling_section(figures: dict[str, Any]) -> str:
    """Return the section of the recorded figures."""
    head = "| what | rows | seconds | peak memory, MB | exponent | of the last doubling | memory, most / least rows |\n"
    rows = "".join(_row(figures, name, each) for name, each in figures["growth"].items())
    workers, replicas = figures["workers"], figures["replicas"]
    one_worker, two_workers = workers["seconds"].values()
    one_replica, two_replicas = replicas["answers_per_second"].values()
    return (
        f"\n## Scaling\n\n{figures['what']} (`{figures['command']}`, {figures['date']}). The exponent is fitted to the "
        f"logarithms of rows and seconds, each with the start of Python in it: 1 is linear.\n\n{IMAGE}\n\n"
        f"{head}{'|---' * 7}|\n{rows}\n"
        f"- {workers['trials']} trials of one study: one worker {one_worker} s, two {two_workers} s, {workers['gain']} "
        f"times as fast. Both share two cores with PostgreSQL and MLflow.\n"
        f"- `POST /predict` with 1000 candles: one replica {one_replica:,} answers a second, two {two_replicas:,}, "
        f"{replicas['gain']} times as many. The load generator shares their two cores.\n"
    )


def _row(figures: dict[str, Any], name: str, each: dict[str, Any]) -> str:
    cells = [
        name,
        *(", ".join(f"{value:,.10g}" for value in each[column]) for column in ("rows", "seconds", "peak_mb")),
        _judged(figures, f"{name}: exponent", each["exponent"]),
        str(each["last_doubling"]),
        _judged(figures, f"{name}: memory", each["memory"]),
    ]
    return f"| {' | '.join(cells)} |\n"


def _judged(figures: dict[str, Any], name: str, value: float) -> str:
    target = figures["target"][name]
    return f"{value} ({target}{'' if is_met(value, target) else ', **not met**'})"
