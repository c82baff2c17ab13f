"""The serving's part of the page: our endpoints, rows of features on all servers, what each server takes."""

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.serving_figures import OURS, ratio_name
from tests.benchmarks.targets import is_met

Rounds = Mapping[str, Mapping[str, Mapping[str, float]]]


def serving_section(figures: dict[str, Any]) -> str:
    """Return the section of a recorded comparison of servers."""
    parts = (_head(figures), _targets(figures), _endpoints(figures), _scoring(figures), _servers(figures))
    return "\n## Serving\n\n" + "\n".join(parts)


def _head(figures: dict[str, Any]) -> str:
    load = figures["load"]
    return (
        f"{figures['what']} (`{figures['command']}`, {figures['date']}). Closed loops over kept-alive connections, "
        f"warmed up; medians of {load['rounds']} interleaved rounds of {load['seconds']} s; every answer is checked "
        f"against the model, to one in a million. The load generator used at most {_busiest(figures):.0%} of its core. "
        f"The machine's load before was {load['machine_load_before']}.\n"
    )


def _targets(figures: dict[str, Any]) -> str:
    values = figures["ours"] | figures["ratio"]
    rows = [
        (name, f"{values[name]:,}", target, "yes" if is_met(values[name], target) else "**no**")
        for name, target in figures["target"].items()
    ]
    return table(("figure", "measured", "target", "met"), rows)


def _endpoints(figures: dict[str, Any]) -> str:
    return table(("our API", *_LOAD_HEAD), _rounds(figures["endpoints"]))


def _scoring(figures: dict[str, Any]) -> str:
    rows = [
        (*row, "" if row[0] == OURS else figures["ratio"][ratio_name(row[0], row[1])])
        for row in _rounds(figures["scoring"])
    ]
    head = ("one row of features a request", *_LOAD_HEAD, "ours is times as fast")
    return table(head, rows) + f"\n{figures['tried']}\n"


def _servers(figures: dict[str, Any]) -> str:
    rows = [
        (
            name,
            f"`{server['command']}`",
            server["start_seconds"],
            f"{server['rss_mb']:.0f}",
            f"{server['pss_mb']:.0f}",
            ", ".join(f"{package} {version}" for package, version in server["versions"].items()),
        )
        for name, server in figures["servers"].items()
    ]
    head = ("server", "command", "seconds to the first answer", "MB resident", "MB proportional", "versions")
    return table(head, rows) + (
        f"\nThe best of {figures['load']['starts']} starts counts. Memory is that of all its processes after the load; "
        "resident counts pages that other programs share, proportional divides them.\n"
    )


_LOAD_HEAD = ("connections", "requests/s", "p50, ms", "p99, ms", "server's processor time a request, ms")


def _rounds(rounds: Rounds) -> list[tuple[str, ...]]:
    return [
        (
            name,
            concurrency,
            f"{figures['requests_per_second']:,.1f}",
            f"{figures['p50_ms']:,.2f}",
            f"{figures['p99_ms']:,.2f}",
            f"{figures['server_ms']:,.2f}",
        )
        for name, by_concurrency in rounds.items()
        for concurrency, figures in by_concurrency.items()
    ]


def _busiest(figures: dict[str, Any]) -> float:
    asked = (*figures["endpoints"].values(), *figures["scoring"].values())
    return max(measured["client_share"] for by_concurrency in asked for measured in by_concurrency.values())


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
