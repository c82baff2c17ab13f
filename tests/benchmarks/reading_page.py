"""The reading's part of the page: each question of the read API, and the web page in a browser."""

from typing import Any

from tests.benchmarks.serving_page import table
from tests.benchmarks.targets import is_met


def reading_section(figures: dict[str, Any]) -> str:
    """Return the section of a recorded reading."""
    targets = [
        (name, figures["ours"][name], target, "yes" if is_met(figures["ours"][name], target) else "**no**")
        for name, target in figures["target"].items()
    ]
    asked = figures["questions"]
    questions = [(f"`{path}`", each["rows"], each["p50_ms"], each["p95_ms"]) for path, each in asked.items()]
    ((name, ratio),) = figures["ratio"].items()
    return (
        f"\n## Reading\n\n{figures['what']}, and the other sources beside them (`{figures['command']}`, "
        f"{figures['date']}). One connection, {figures['rounds']} times each, about products and markets chosen at "
        f"random; the page is loaded {figures['page_loads']} times in a Chromium with an empty cache, until each panel "
        f"of its first view has its answer.\n\n"
        f"{table(('figure', 'measured', 'target', 'met'), targets)}\n"
        f"{table(('question', 'rows of the last answer', 'p50, ms', 'p95, ms'), questions)}\n"
        f"{name}: {ratio} ({figures['plain']['p50_ms']} ms; {figures['plain']['what']}).\n"
    )
