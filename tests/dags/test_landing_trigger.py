"""What wakes the ingestion of workbooks: each complete file is told of once, again only when it changes or stays."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 20


@contextmanager
def watching(**arguments: float) -> Iterator["Watched"]:
    from mercado_airflow.landing_trigger import LandingTrigger

    with asyncio.Runner() as runner:
        yield Watched(runner, LandingTrigger(poll_seconds=POLL_SECONDS, **arguments).run())


class Watched:
    """A trigger at work; its events are asked for one by one."""

    def __init__(self, runner: asyncio.Runner, events: Any) -> None:
        self._runner = runner
        self._events = events
        self._pending: asyncio.Task[Any] | None = None

    def next_files(self, *, within_seconds: float = PATIENCE_SECONDS) -> list[str] | None:
        """Return the files of the next event, or ``None`` when there is none within the time."""

        async def ask() -> list[str] | None:
            if self._pending is None:
                self._pending = asyncio.ensure_future(anext(self._events))
            done, _ = await asyncio.wait([self._pending], timeout=within_seconds)
            if not done:
                return None
            event, self._pending = self._pending.result(), None
            return sorted(event.payload["files"])

        return self._runner.run(ask())


def test_a_complete_file_is_told_of_once_and_again_when_it_has_changed(landing_zone: Path) -> None:
    (landing_zone / "a.xlsx").write_bytes(b"one")
    (landing_zone / "sub").mkdir()
    (landing_zone / "sub" / "b.xls").write_bytes(b"two")
    (landing_zone / "~$a.xlsx").write_bytes(b"a lock of Excel's")
    (landing_zone / ".hidden.xlsx").write_bytes(b"hidden")
    with watching() as trigger:
        assert trigger.next_files() == ["a.xlsx", "sub/b.xls"]
        assert trigger.next_files(within_seconds=3) is None
        (landing_zone / "a.xlsx").write_bytes(b"another")
        assert trigger.next_files() == ["a.xlsx"]


def test_a_file_that_is_being_written_is_left_alone_until_it_is_complete(landing_zone: Path) -> None:
    with (landing_zone / "growing.xlsx").open("wb", buffering=0) as file, watching() as trigger:
        end = time.monotonic() + 4
        while time.monotonic() < end:
            file.write(b"more")
            os.utime(landing_zone / "growing.xlsx", (0, 0))  # like `cp -p`, which sets an old time
            assert trigger.next_files(within_seconds=0.2) is None
        assert trigger.next_files() == ["growing.xlsx"]


def test_a_file_that_stays_is_told_of_again_after_a_while(landing_zone: Path) -> None:
    (landing_zone / "a.xlsx").write_bytes(b"one")
    with watching(remind_seconds=1) as trigger:
        assert trigger.next_files() == ["a.xlsx"]
        assert trigger.next_files() == ["a.xlsx"]


def test_it_waits_for_a_folder_that_is_not_there_yet(landing_zone: Path) -> None:
    landing_zone.rmdir()
    with watching() as trigger:
        assert trigger.next_files(within_seconds=1) is None
        landing_zone.mkdir()
        (landing_zone / "a.xlsx").write_bytes(b"one")
        assert trigger.next_files() == ["a.xlsx"]


def test_airflow_can_store_it_and_make_it_again(dags: dict[str, Any]) -> None:
    from airflow.serialization.encoders import encode_trigger

    from mercado_airflow.assets import LANDING_ZONE
    from mercado_airflow.landing_trigger import LandingTrigger

    (watcher,) = LANDING_ZONE.watchers
    stored = encode_trigger(watcher.trigger)
    assert stored["classpath"] == "mercado_airflow.landing_trigger.LandingTrigger"
    assert LandingTrigger(**stored["kwargs"]).serialize() == watcher.trigger.serialize()
