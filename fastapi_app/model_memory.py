"""The models that are in memory for as long as they are asked for: loaded at the first request, then followed.

One thread loads and follows all of them. The one that was not asked for longest makes room for the next, with its
candles and its newest forecast: as soon as the next is loaded, so that one more is in memory meanwhile, and not at all
when it cannot be loaded, as while MLflow is down.
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
        # From a model that is being loaded to the one that makes room for it.
        self._leaving: dict[ServedSeries, tuple[Series, ServedSeries]] = {}

    def kept(self) -> dict[Series, ServedSeries]:
        """Return the models in memory, whether or not a version of each is loaded."""
        with self._lock:
            return dict(self._kept)

    def poll(self) -> None:
        """Look up each model that is due, the one that waits longest first; this loads those that are new."""
        while (each := self._next_due()) is not None:
            each.poll(every=self._poll_seconds)
            self._settle(each)
            each.tell_waiting()

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
            if found is None:
                has_room = len(self._kept) < self._room
                oldest = None if has_room else self._oldest()
                if not has_room and oldest is None:
                    return None, [each.first_look for each in self._kept.values()]
                found = self._make(series)
                if oldest is not None:
                    self._leaving[found] = oldest, self._kept.pop(oldest)
                self._kept[series] = found
                self.following.wake()
            self._kept.move_to_end(series)
            return found, [found.first_look]

    def _oldest(self) -> Series | None:
        """Return what makes room: what has no version or was asked for longest ago, but is not being loaded."""
        known = [series for series, each in self._kept.items() if each.first_look.done()]
        return min(known, key=lambda series: self._kept[series].follower.state.served is not None, default=None)

    def _settle(self, looked_up: ServedSeries) -> None:
        """Let the model go that made room for this one, or put it back when only it has a version to serve."""
        with self._lock:
            series, leaving = self._leaving.pop(looked_up, (None, None))
            if series is None or leaving is None:
                return
            place = next((each for each, kept in self._kept.items() if kept is looked_up), None)
            is_worse = looked_up.follower.state.served is None and leaving.follower.state.served is not None
            if is_worse and place is not None and series not in self._kept:
                self._kept.pop(place).release()
                self._kept[series] = leaving
                self._kept.move_to_end(series, last=False)
            else:
                leaving.release()
                self.dropped_count += 1
