"""One and two workers on a study, and one and two replicas of the API, on two cores."""

import os
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.servers import training_platform
from tests.benchmarks.serving import api_settings
from tests.benchmarks.serving_contenders import our_api
from tests.benchmarks.serving_load import closed_loop
from tests.benchmarks.serving_model import register_champion
from tests.benchmarks.serving_questions import given
from tests.benchmarks.serving_servers import running
from tests.benchmarks.training_sharing import SHARED_TRIALS, shared_study, store_candles

STUDIES = 2
LOADS, LOAD_SECONDS, CONCURRENCY = 3, 3.0, 8
COUNTS = (1, 2)


def workers() -> dict[str, Any]:
    """Return how long a study takes one worker and two, each of one thread; the best of interleaved rounds."""
    with training_platform() as environment:
        store_candles(environment, "1h")
        shared = [
            {count: shared_study(environment, workers=count, threads=count) for count in COUNTS} for _ in range(STUDIES)
        ]
    seconds = {count: round(min(each[count].seconds for each in shared), 2) for count in COUNTS}
    return {"trials": SHARED_TRIALS, "seconds": seconds, "gain": round(seconds[1] / seconds[2], 2)}


def replicas() -> dict[str, Any]:
    """Return the answers a second of one replica and of two, each on a core; the generator shares both cores."""
    with training_platform() as environment, tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        store_candles(environment, "1h")
        served = register_champion(environment["MLFLOW_TRACKING_URI"])
        api, questions = our_api(served, Path(name), api_settings(environment)), given(served)
        servers = [
            stack.enter_context(running(replace(api, name=f"replica {core}"), core=core))
            for core in sorted(os.sched_getaffinity(0))[: max(COUNTS)]
        ]
        rates: dict[int, list[float]] = {count: [] for count in COUNTS}
        for _ in range(LOADS):
            for count in COUNTS:
                ports = [server.port for server in servers[:count]]
                load = closed_loop(ports, questions.requests, concurrency=CONCURRENCY, seconds=LOAD_SECONDS)
                questions.check(load.answers)
                rates[count].append(len(load.answers) / load.seconds)
    per_second = {count: round(median(rates[count])) for count in COUNTS}
    return {"answers_per_second": per_second, "gain": round(per_second[2] / per_second[1], 2)}
