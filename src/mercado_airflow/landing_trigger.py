"""What wakes ``file_ingestion_from_excel``: an event trigger that looks into the landing folder, without a worker.

The triggers that come with Airflow delete the file that they find, or wait for one fixed name.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from mercado.landing.landing_zone import SettledFiles
from mercado.settings import DataSettings

POLL_SECONDS = 2.0
# A file that stays, because its run failed, is told of again after this long.
REMIND_SECONDS = 600.0


class LandingTrigger(BaseEventTrigger):  # type: ignore[misc]  # Airflow is not analysed
    """Tells, again and again, which files in the landing folder are complete and have not been told of yet.

    Args:
        poll_seconds: Between two looks.
        remind_seconds: After which a file that is still there, unchanged, is told of again.
    """

    def __init__(self, *, poll_seconds: float = POLL_SECONDS, remind_seconds: float = REMIND_SECONDS) -> None:
        super().__init__()
        self._poll_seconds = poll_seconds
        self._remind_seconds = remind_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class and the arguments, as Airflow stores them."""
        arguments = {"poll_seconds": self._poll_seconds, "remind_seconds": self._remind_seconds}
        return f"{type(self).__module__}.{type(self).__qualname__}", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event with the names of files that are complete, whenever there are new ones."""
        settled = SettledFiles(DataSettings.read().landing_zone)
        told: dict[Any, float] = {}
        while True:
            now = time.monotonic()
            # The folder may be a network share that answers late: never in the event loop itself.
            files = await asyncio.to_thread(settled.look, now)
            new = [file for file in files if now - told.get(file, float("-inf")) >= self._remind_seconds]
            told = {file: told.get(file, now) for file in files} | dict.fromkeys(new, now)
            if new:
                yield TriggerEvent({"files": [str(file.name) for file in new]})
            await asyncio.sleep(self._poll_seconds)
