"""Forecasts of the same candles, asked for without a pause while something happens to the APIs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from tests.demo import Demo
from tests.restore_drill import fixed_candles

ANSWER_SECONDS = 20
CLIENTS = 2
PAUSE_SECONDS = 0.02


@dataclass
class Traffic:
    """Forecasts of the same candles, asked for one after the other.

    Attributes:
        answers: Status and version and forecast price of each.
        trouble: What was no answer.
    """

    answers: list[tuple[int, int | None, float | None]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    @property
    def prices(self) -> dict[int | None, set[float | None]]:
        """Return the forecast prices that each version was seen to give."""
        versions = {version for _, version, _ in self.answers}
        return {each: {price for _, version, price in self.answers if version == each} for each in versions}


@contextmanager
def traffic(demo: Demo) -> Iterator[Traffic]:
    """Ask the proxy for forecasts until the block ends."""
    seen, over = Traffic(), threading.Event()
    url, request = f"http://127.0.0.1:{demo.platform.ports.api}/predict", fixed_candles(demo)

    def ask() -> None:
        while not over.wait(PAUSE_SECONDS):
            try:
                answer = requests.post(url, json=request, timeout=ANSWER_SECONDS)
            except requests.RequestException as error:
                seen.trouble.append(repr(error))
                continue
            told = answer.json() if answer.ok else {}
            seen.answers.append((answer.status_code, told.get("model", {}).get("version"), told.get("forecast_price")))

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()
