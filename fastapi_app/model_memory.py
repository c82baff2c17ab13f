"""The models that are in memory for as long as they are asked for: loaded at the first request, then followed.

One thread loads and follows all of them. The one that was not asked for longest makes room for the next, with its
candles and its newest forecast: as soon as the next is loaded, so that one more is in memory meanwhile, and not at all
when it cannot be loaded, as while MLflow is down. What has no version to serve is followed, but takes no room.
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
        self._without: dict[Series, ServedSeries] = {}
        # From a model that is being loaded to the one that makes room for it.
        self._leaving: dict[ServedSeries, tuple[Series, ServedSeries]] = {}

    def kept(self) -> dict[Series, ServedSeries]:
        """Return the models in memory, those that are being loaded included."""
        with self._lock:
            return dict(self._kept)

    def followed(self) -> dict[Series, ServedSeries]:
        """Return the models in memory, and those that were asked for and have no version that can be served."""
        with self._lock:
            return self._kept | self._without

    def poll(self) -> None:
        """Look up each model that is due, the one that waits longest first; this loads those that are new."""
        while (each := self._next_due()) is not None:
            each.poll(every=self._poll_seconds)
            self._settle(each)
            each.tell_waiting()

    def look_again(self, name: str | None = None) -> None:
        """Let the model of this name, or all of them, be looked up at once."""
        for each in self.followed().values():
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
        due = [each for each in self.followed().values() if each.due <= now]
        return min(due, key=lambda each: each.due, default=None)

    def _asked(self, series: Series) -> tuple[ServedSeries | None, list[Future[None]]]:
        """Note that a series was asked for, and make room for its model if it is not there.

        Returns:
            The model, or ``None`` while all that are there are being loaded; and what to wait for, any of it.
        """
        with self._lock:
            if (without := self._without.get(series)) is not None:
                return without, [without.first_look]
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
        """Return what makes room: what was asked for longest ago and is not being loaded."""
        return next((series for series, each in self._kept.items() if each.first_look.done()), None)

    def _settle(self, looked_up: ServedSeries) -> None:
        """Keep a model that has a version now, and let go what made room for it; or the other way round."""
        with self._lock:
            followed = self._kept | self._without
            series = next((series for series, each in followed.items() if each is looked_up), None)
            previous = self._leaving.pop(looked_up, None)
            if looked_up.follower.state.served is None:
                if series is not None:
                    self._kept.pop(series, None)
                    self._without[series] = looked_up
                if previous is not None:
                    self._put_back(*previous)
                return
            if series is not None and self._without.pop(series, None) is not None:
                self._kept[series] = looked_up
            if previous is not None:
                self._drop(previous[1])
            while len(self._kept) > self._room and (oldest := self._oldest()) is not None:
                self._drop(self._kept.pop(oldest))

    def _put_back(self, series: Series, model: ServedSeries) -> None:
        if series in self._kept:  # asked for meanwhile, and made anew
            self._drop(model)
        else:
            self._kept[series] = model
            self._kept.move_to_end(series, last=False)

    def _drop(self, model: ServedSeries) -> None:
        model.release()
        self.dropped_count += 1
