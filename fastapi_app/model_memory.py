"""The models that are in memory for as long as they are asked for: loaded at the first request, then followed.

One thread loads and follows all of them. The one that was not asked for longest makes room for the next, with its
candles and its newest forecast.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock

from fastapi_app.repeating import Repeating
from fastapi_app.served_series import ServedSeries
from mercado.errors import ConfigurationError, ModelNotReadyError
from mercado.series import Series


class ModelMemory:
    """Room for some models. `find` is for the event loop; the rest may be called by any thread.

    Args:
        make: From a series to its model, which nobody has looked up yet.
        room: Most models at once, >= 0.
        poll_seconds: How often an alias is looked up.
        cold_seconds: How long a request waits for a model that is being loaded.

    Attributes:
        following: The thread that loads and follows them.
        dropped_count: Models that made room for another.
    """

    def __init__(
        self,
        make: Callable[[Series], ServedSeries],
        *,
        room: int,
        poll_seconds: float,
        cold_seconds: float,
    ) -> None:
        self.following = Repeating(self.poll, seconds=poll_seconds, name="follower of other models")
        self.dropped_count = 0
        self._make = make
        self._room = room
        self._poll_seconds = poll_seconds
        self._cold_seconds = cold_seconds
        self._lock = Lock()
        # What was asked for last is last.
        self._kept: OrderedDict[Series, ServedSeries] = OrderedDict()

    def kept(self) -> dict[Series, ServedSeries]:
        """Return the models in memory, whether or not a version of each is loaded."""
        with self._lock:
            return dict(self._kept)

    def poll(self) -> None:
        """Look up each model that is due, the one that waits longest first; this loads those that are new."""
        while (each := self._next_due()) is not None:
            each.poll(every=self._poll_seconds)

    def look_again(self, name: str | None = None) -> None:
        """Let the model of this name, or all of them, be looked up at once."""
        for each in self.kept().values():
            if name in (None, each.source.name):
                each.due = time.monotonic()
        self.following.wake()

    async def find(self, series: Series) -> ServedSeries:
        """Return the model of a series, as soon as it was looked up.

        Raises:
            ModelNotReadyError: That took too long; it goes on.
            ConfigurationError: There is no room at all.
        """
        if self._room == 0:
            raise ConfigurationError(
                f"The model of {series} is not in memory, and MERCADO_API_MODELS_IN_MEMORY=1 leaves no room: raise it."
            )
        deadline = time.monotonic() + self._cold_seconds
        found, looks = self._asked(series)
        while found is None or not found.first_look.done():
            left = deadline - time.monotonic()
            if left <= 0:
                raise ModelNotReadyError(f"The model of {series} is being loaded: ask again in some seconds.")
            # Not `wait_for`, which would cancel what others wait for too.
            await asyncio.wait(map(asyncio.wrap_future, looks), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if found is None:
                found, looks = self._asked(series)
        return found

    def _next_due(self) -> ServedSeries | None:
        now = time.monotonic()
        due = [each for each in self.kept().values() if each.due <= now]
        return min(due, key=lambda each: each.due, default=None)

    def _asked(self, series: Series) -> tuple[ServedSeries | None, list[Future[None]]]:
        """Note that a series was asked for, and make room for its model if it is not there.

        Returns:
            The model, or ``None`` while all that are there are being loaded; and what to wait for, any of it.
        """
        with self._lock:
            found = self._kept.get(series)
            if found is None and self._has_room():
                found = self._kept[series] = self._make(series)
                self.following.wake()
            if found is None:
                return None, [each.first_look for each in self._kept.values()]
            self._kept.move_to_end(series)
            return found, [found.first_look]

    def _has_room(self) -> bool:
        """Drop the model that was not asked for longest if that is needed; those that are being loaded stay."""
        if len(self._kept) < self._room:
            return True
        oldest = next((series for series, each in self._kept.items() if each.first_look.done()), None)
        if oldest is None:
            return False
        self._kept.pop(oldest).release()
        self.dropped_count += 1
        return True
